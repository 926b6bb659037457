"""One station."""

from django.urls import path

from dashboard.station import views

urlpatterns = [
    path("stations/<station:identity>/", views.station, name="station"),
    path("stations/<station:identity>/registration/", views.decide, name="registration"),
    path("fragments/stations/<station:identity>/head/", views.head_fragment, name="head"),
    path("fragments/stations/<station:identity>/evses/", views.evses_fragment, name="evses"),
    path("fragments/stations/<station:identity>/sessions/", views.sessions_fragment, name="sessions"),
    path("fragments/stations/<station:identity>/commands/", views.commands_fragment, name="commands"),
]
