"""Commands as they stand after they went to a station."""

from typing import Any

from emobi.core import clock
from emobi.core.models import Role
from stations.models import Command, CommandState, Station
from stations.services.commanding import commands


def ask(station: Station, name: str, params: dict[str, Any]) -> Command:
    """A command that waits for its station."""
    return commands.request(
        station.network, station, name, params, requested_by="user:alice", role=Role.ADMIN
    )


def send(
    station: Station, name: str, params: dict[str, Any], state: CommandState = CommandState.ACCEPTED
) -> Command:
    """One that the station has answered."""
    command = ask(station, name, params)
    Command.objects.filter(pk=command.pk).update(state=state, sent_at=clock.now(), ended_at=clock.now())
    command.refresh_from_db()
    return command
