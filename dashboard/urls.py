"""Pages of the NOC, and the fragments of them that are fetched alone."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView

from dashboard.views import commands, connect, messages, sign_in, station, stations


class Identity(StringConverter):
    """A station's identity: any text that PostgreSQL can be asked for."""

    regex = r"[^/\x00]+"


register_converter(Identity, "station")

app_name = "dashboard"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dashboard:stations", query_string=True)),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("network/", sign_in.choose_network, name="choose-network"),
    path("connect/", connect.connect, name="connect"),
    path("stations/", stations.station_list, name="stations"),
    path("stations/<station:identity>/", station.station, name="station"),
    path("stations/<station:identity>/registration/", station.decide, name="registration"),
    path("stations/<station:identity>/commands/<slug:name>/", commands.command_form, name="command"),
    path(
        "stations/<station:identity>/commands/<slug:name>/send/", commands.send_command, name="send-command"
    ),
    path("messages/", messages.message_log, name="messages"),
    path("messages/<int:frame_id>/", messages.message, name="message"),
    path("fragments/stations/", stations.station_rows_fragment, name="station-rows"),
    path("fragments/fleet/", stations.fleet_fragment, name="fleet"),
    path("fragments/stations/<station:identity>/head/", station.head_fragment, name="head"),
    path("fragments/stations/<station:identity>/evses/", station.evses_fragment, name="evses"),
    path("fragments/stations/<station:identity>/sessions/", station.sessions_fragment, name="sessions"),
    path("fragments/stations/<station:identity>/commands/", station.commands_fragment, name="commands"),
    path(
        "fragments/stations/<station:identity>/commands/<slug:name>/",
        commands.command_form_fragment,
        name="command-form",
    ),
    path("fragments/messages/", messages.message_rows_fragment, name="message-rows"),
]
