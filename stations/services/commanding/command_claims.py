"""Commands for the process that holds the socket: claimed, and committed to the wire before a byte goes out.

    queued ── claimed, committed ──► sent

Each CALL is on the wire at most once; a command that is said in several goes on with each answer. How it ends
is in `stations.services.commanding.command_ends`.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from emobi.core import clock, unit_of_work
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Registration, Station
from stations.services.commanding import command_ends
from stations.services.device_model import configuration

# One look takes so many; the next follows at once.
AT_ONCE = 200

# Not to a station that waits for its registration: nobody may charge there (OCPP 2.0.1, B02.FR.05; 1.6
# section 4.2), and what these make it tell in messages of its own it may not say yet (B02.FR.09).
NOT_WHILE_PENDING = frozenset(
    {
        "remote_start", "remote_stop",
        "customer_information", "get_charging_profiles", "get_display_messages", "get_monitoring_report",
    }
)  # fmt: skip


def claim_next(gateway: str) -> Sequence[tuple[Command, Station, int]]:
    """The oldest queued command of each station whose socket is open at ``gateway`` and waits for no answer.

    The rows stay locked until the caller's transaction ends: it marks them sent, or ends them. What may not
    be asked of a station while it is pending or rejected waits, and doesn't hold up what may.
    """
    of_station = Command.objects.filter(station=OuterRef("station"))
    found = list(
        _claimable(Command.objects.all())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("station", "station__connection")
        .filter(
            ~Exists(of_station.filter(state=CommandState.SENT)),
            ~Exists(_claimable(of_station).filter(pk__lt=OuterRef("pk"))),
            station__connection__gateway=gateway,
            station__connection__closed_at=None,
        )
        .order_by("pk")[:AT_ONCE]
    )
    return [(command, command.station, command.station.connection.epoch) for command in found]


def _claimable(commands: QuerySet[Command]) -> QuerySet[Command]:
    """Commands that may go out now (OCPP 2.0.1, B02.FR.05, B03.FR.03)."""
    return (
        commands.filter(state=CommandState.QUEUED, expires_at__gt=clock.now())
        .exclude(station__registration=Registration.REJECTED)
        .exclude(station__registration=Registration.PENDING, name__in=NOT_WHILE_PENDING)
        .exclude(station__told_registration=Registration.PENDING, name__in=NOT_WHILE_PENDING)
    )


def claim_waiting() -> Sequence[tuple[Command, Station]]:
    """Queued commands of stations that are away and that nobody has looked at; each is given once."""
    is_away = Q(station__connection=None) | Q(station__connection__closed_at__isnull=False)
    return _look_at(Command.objects.filter(is_away))


def claim_held_up(gateway: str) -> Sequence[tuple[Command, Station]]:
    """The same of stations whose socket is open at ``gateway``, which answer another command or rest.

    To be asked after `claim_next`, in the same transaction: what could go out has gone.
    """
    return _look_at(
        Command.objects.filter(station__connection__gateway=gateway, station__connection__closed_at=None)
    )


def _look_at(commands: QuerySet[Command]) -> Sequence[tuple[Command, Station]]:
    found = list(
        commands.select_for_update(skip_locked=True, of=("self",))
        .select_related("station")
        .filter(state=CommandState.QUEUED, looked_at=None)
        .exclude(station__ocpp_version="")
        .order_by("pk")[:AT_ONCE]
    )
    Command.objects.filter(pk__in=[command.pk for command in found]).update(looked_at=clock.now())
    return [(command, command.station) for command in found]


def mark_sent(command: Command, message_id: str, epoch: int) -> None:
    """Commit the command to the wire of the socket with this epoch; the bytes go out after the commit."""
    command.state, command.sent_at = CommandState.SENT, clock.now()
    command.message_id, command.epoch = message_id, epoch
    command.save(update_fields=["state", "sent_at", "message_id", "epoch"])
    if command.name == "set_config":
        configuration.sent(command.station, configuration.asked(command))
    unit_of_work.current().nudge(f"live.{command.network_id}", command.station.identity)


def go_on(command: Command, so_far: Outcome, *, raw: object, progress: str) -> None:
    """Commit the next CALL of a command that is said in several, with what the ones before came to.

    Args:
        command: From `sent`; its ``message_id`` is the next CALL's from now on.
        so_far: What is known.
        raw: The answers as they came.
        progress: How much of it is answered, in words.
    """
    command.said_at = clock.now()
    command.message_id = _next_message_id(command)
    command.outcome = command_ends.kept(so_far.status, so_far.detail, progress, raw)
    command.save(update_fields=["said_at", "message_id", "outcome"])
    unit_of_work.current().nudge(f"live.{command.network_id}", command.station.identity)


def _next_message_id(command: Command) -> str:
    """The command's id for its first CALL; then with a number."""
    number = int(command.message_id.removeprefix(command.pk).removeprefix("-") or 1) + 1
    return f"{command.pk}-{number}"


def sent(command_id: str, epoch: int) -> Command | None:
    """The command that was sent on the socket with this epoch and has no end yet, locked."""
    return (
        Command.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(pk=command_id, state=CommandState.SENT, epoch=epoch)
        .first()
    )
