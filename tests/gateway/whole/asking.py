"""Commands, as whoever wants something of a station asks for them."""

from typing import Any

from emobi.core.models import Event, Role
from stations.models import Command, CommandState, Station
from stations.services.commanding import commands
from tests.gateway.listener_process import until


def ask(station: Station, command: str, params: dict[str, Any] | None = None, **options: Any) -> Command:
    """Ask for a command, from this process."""
    station.refresh_from_db()
    return commands.request(
        station.network, station, command, params or {}, requested_by="user:test", role=Role.ADMIN, **options
    )


def state_of(command: Command) -> CommandState:
    command.refresh_from_db()
    return CommandState(command.state)


def end_of(command: Command) -> CommandState:
    """The state in which the command ends, with its outcome in the object."""
    until(lambda: not state_of(command).open)
    return CommandState(command.state)


def told_of(command: Command) -> list[str]:
    """The events about the end of a command."""
    found = Event.objects.filter(network=command.network_id, data__command_id=command.pk)
    return list(found.order_by("sequence").values_list("type", flat=True))
