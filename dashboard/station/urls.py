"""One station: a URL for each tab, and for each part that is drawn anew."""

from django.urls import path

from dashboard.station import commands, messages, overview, sessions, views

OF_STATION = "stations/<station:identity>/"
FRAGMENT = "fragments/stations/<station:identity>/"

urlpatterns = [
    path(OF_STATION, overview.overview, name="station"),
    path(f"{OF_STATION}commands/", commands.commands, name="station-commands"),
    path(f"{OF_STATION}sessions/", sessions.sessions, name="station-sessions"),
    path(f"{OF_STATION}messages/", messages.messages, name="station-messages"),
    path(f"{OF_STATION}registration/", views.decide, name="registration"),
    path(f"{OF_STATION}maintenance/", views.maintain, name="maintenance"),
    path(f"{OF_STATION}go/<slug:way>/", views.neighbour, name="neighbour"),
    path(f"{FRAGMENT}head/", views.head_fragment, name="head"),
    path(f"{FRAGMENT}evses/", overview.evses_fragment, name="evses"),
    path(f"{FRAGMENT}sessions/", sessions.sessions_fragment, name="sessions"),
    path(f"{FRAGMENT}commands/", views.commands_fragment, name="commands"),
    path(f"{FRAGMENT}menu/", commands.menu_fragment, name="command-menu"),
]
