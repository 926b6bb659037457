"""What a station is asked."""

from django.urls import path

from dashboard.commands import views

OF_STATION = "stations/<station:identity>/commands/"

urlpatterns = [
    path(f"{OF_STATION}<slug:name>/", views.command_form, name="command"),
    path(f"{OF_STATION}<slug:name>/send/", views.send_command, name="send-command"),
    path(f"{OF_STATION}<slug:command_id>/cancel/", views.cancel_command, name="cancel-command"),
    path(f"fragments/{OF_STATION}<slug:name>/", views.command_form_fragment, name="command-form"),
]
