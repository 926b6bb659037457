"""One station: a URL for each tab, and for each part that is drawn anew."""

from django.urls import path

from dashboard.station import (
    commands,
    configuration,
    messages,
    overview,
    profile_editor,
    profiles,
    sessions,
    views,
)

OF_STATION = "stations/<station:identity>/"
FRAGMENT = "fragments/stations/<station:identity>/"

urlpatterns = [
    path(OF_STATION, overview.overview, name="station"),
    path(f"{OF_STATION}commands/", commands.commands, name="station-commands"),
    path(f"{OF_STATION}configuration/", configuration.configuration, name="station-configuration"),
    path(f"{OF_STATION}configuration/review/", configuration.review, name="configuration-review"),
    path(f"{OF_STATION}configuration/apply/", configuration.apply, name="configuration-apply"),
    path(f"{OF_STATION}charging-profiles/", profiles.profiles, name="station-profiles"),
    path(f"{OF_STATION}charging-profiles/editor/", profile_editor.editor, name="profile-editor"),
    path(f"{OF_STATION}charging-profiles/what-if/", profile_editor.what_if, name="what-if"),
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
