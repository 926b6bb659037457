"""What a station is asked."""

from django.urls import path

from dashboard.commands import views

urlpatterns = [
    path("stations/<station:identity>/commands/<slug:name>/", views.command_form, name="command"),
    path("stations/<station:identity>/commands/<slug:name>/send/", views.send_command, name="send-command"),
    path(
        "fragments/stations/<station:identity>/commands/<slug:name>/",
        views.command_form_fragment,
        name="command-form",
    ),
]
