"""Commands, asked of stations and said by the process that holds their sockets."""

from typing import Any

from emobi.core import clock, unit_of_work
from emobi.core.models import Role
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Connection, Station
from stations.services.commanding import command_claims, command_ends, commands
from tests.stations.telling import NOON, after, tell_at

GATEWAY = "gateway-1"
ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")


def ask(station: Station, name: str = "reset", seconds: float = 0, params=None, **how: Any) -> Command:
    """Ask for a command, so many seconds after noon."""
    return tell_at(
        after(seconds), commands.request, station.network, station, name, params or {},
        **{"requested_by": "key:ek_1", "role": Role.ADMIN} | how,
    )  # fmt: skip


def connect(station: Station, gateway: str = GATEWAY, epoch: int = 1) -> None:
    Connection.objects.update_or_create(
        station=station,
        defaults={
            "epoch": epoch, "gateway": gateway, "ocpp_version": station.ocpp_version, "security_profile": 1,
            "opened_at": NOON, "last_heard_at": NOON, "closed_at": None,
        },
    )  # fmt: skip


def send(gateway: str = GATEWAY, seconds: float = 0) -> list[Command]:
    """What the process that holds the sockets does after a nudge."""
    with unit_of_work.begin(), clock.at(after(seconds)):
        claimed = command_claims.claim_next(gateway)
        for command, _, epoch in claimed:
            command_claims.mark_sent(command, command.pk, epoch)
        return [command for command, _, _ in claimed]


def now(command: Command) -> Command:
    """The command as its row has it."""
    return Command.objects.select_related("station").get(pk=command.pk)


def say(station: Station, name: str, params=None, seconds: float = 0) -> Command:
    """Ask for a command and put it on the wire of a socket that is open, so many seconds after noon."""
    connect(station)
    command = ask(station, name, seconds, params)
    send(seconds=seconds)
    return now(command)


def settle(command: Command, outcome: Outcome = ACCEPTED, seconds: float = 0) -> Command:
    """Have it answered."""
    tell_at(after(seconds), command_ends.settle, now(command), outcome, raw={"status": outcome.status})
    return now(command)
