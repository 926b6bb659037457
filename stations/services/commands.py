"""Commands: asked for, claimed by the process that holds the socket, sent once, ended once.

    queued ── claimed, committed ──► sent ── answer ──► accepted | scheduled | rejected | failed
       │                               └── no answer ──► unknown
       └──► unsupported | expired | cancelled

Every step is a compare-and-set on the state: whoever comes second changes nothing.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound
from emobi.core.models import Network, Role
from emobi.core.services import audit
from stations import masking
from stations.commands import catalogue
from stations.commands.configuration import SetConfig
from stations.commands.entry import Entry
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Connection, Registration, Station
from stations.services import configuration

LONGEST_EXPIRY_S = 7 * 86400
LONGEST_KEY = 200
# One look takes so many; the next follows at once.
AT_ONCE = 200
# A message that we asked for may come so long after the station agreed to send it.
TRIGGERED_FOR = timedelta(seconds=120)

# Not to a station that waits for its registration (OCPP 2.0.1, B02.FR.05; 1.6 section 4.2).
NOT_WHILE_PENDING = frozenset({"remote_start", "remote_stop"})

# Numbers that tie what follows to the command; chosen where none is given, so that the asker knows them.
NUMBERS = ("remote_start_id", "request_id")


def request(
    network: Network,
    station: Station,
    name: str,
    params: Mapping[str, Any],
    *,
    requested_by: str,
    role: Role,
    expires_in_s: float = 60,
    idempotency_key: str | None = None,
    address: str | None = None,
) -> Command:
    """Queue a command; the same ``idempotency_key`` again gives the same command.

    Args:
        network: The asker's, and the station's.
        station: Whom to ask.
        name: As in the catalogue.
        params: As in the catalogue's schema.
        requested_by: As in the audit log: "key:ek_abc", "user:alice", "system:liveness".
        role: The asker's.
        expires_in_s: How long it may wait for the station to connect.
        idempotency_key: The asker's own name for it, to ask again without harm.
        address: Where the request came from.

    Raises:
        Invalid: If there is no such command, or its params break its schema.
        Forbidden: If the role doesn't allow it.
        Conflict: If the key was used for something else, or the station may not be asked now.
    """
    entry = catalogue.entry(name)
    if not role.includes(entry.role):
        raise Forbidden(f"{name} needs the role {entry.role.value}; you are {role.value}.")
    asked = catalogue.parse(name, params)
    if not 0 < expires_in_s <= LONGEST_EXPIRY_S:
        raise Invalid(f"A command may wait up to {LONGEST_EXPIRY_S} s.", "expires_in_s")
    if idempotency_key is not None and not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise Invalid(f"An idempotency key has 1 to {LONGEST_KEY} characters.", "idempotency_key")
    now = clock.now()
    command = Command(
        id=ulid.new(),
        network=network,
        station=station,
        name=name,
        params=dict(params) | _chosen(asked),
        requested_by=requested_by[:200],
        idempotency_key=idempotency_key,
        created_at=now,
        expires_at=now + timedelta(seconds=expires_in_s),
    )
    with unit_of_work.begin():
        earlier = _earlier(command, params)
        if earlier is not None:
            return earlier
        _check_registration(station, name)
        try:
            with transaction.atomic():
                command.save(force_insert=True)
        except IntegrityError:
            # Somebody asked the same at the same time, and was first.
            earlier = _earlier(command, params)
            if earlier is None:
                raise
            return earlier
        detail = {"command": name, "command_id": command.pk, "params": masking.value(dict(params))}
        audit.record(network.pk, requested_by, "command.requested", station.identity, detail, address)
        _start(command, entry)
    return command


def get(network: Network, command_id: str) -> Command:
    """A command of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = Command.objects.select_related("station").filter(network=network, pk=command_id).first()
    if found is None:
        raise NotFound("There is no such command.")
    return found


def cancel(command: Command, *, by: str, role: Role, address: str | None = None) -> bool:
    """Take back a command that wasn't sent yet; False if it is too late.

    Raises:
        Forbidden: If the role may not ask for it either.
    """
    if not role.includes(catalogue.entry(command.name).role):
        raise Forbidden(f"{command.name} needs the role {catalogue.entry(command.name).role.value}.")
    with unit_of_work.begin():
        cancelled = fail(command, CommandState.CANCELLED, f"cancelled by {by}")
        if cancelled:
            detail = {"command": command.name, "command_id": command.pk}
            audit.record(
                command.network_id, by, "command.cancelled", command.station.identity, detail, address
            )
    return cancelled


def _chosen(asked: object) -> dict[str, int]:
    return {name: secrets.randbelow(2**31 - 1) + 1 for name in NUMBERS if getattr(asked, name, 0) is None}


def _earlier(command: Command, params: Mapping[str, Any]) -> Command | None:
    """The command that has the idempotency key already.

    Raises:
        Conflict: If that one asks for something else.
    """
    if command.idempotency_key is None:
        return None
    earlier = (
        Command.objects.select_related("station")
        .filter(network=command.network, idempotency_key=command.idempotency_key)
        .first()
    )
    if earlier is None:
        return None
    chosen = {name: earlier.params[name] for name in NUMBERS if name in earlier.params}
    asked = chosen | dict(params)
    if not CommandState(earlier.state).open:
        # Its secrets are gone by now; what is left is compared.
        asked = masking.value(asked)
    if (earlier.station_id, earlier.name, earlier.params) != (command.station_id, command.name, asked):
        raise Conflict("This idempotency key was used for another command.")
    return earlier


def _check_registration(station: Station, name: str) -> None:
    if station.registration == Registration.REJECTED:
        raise Conflict(
            f"{station.identity} is rejected: it may not be asked anything (OCPP 2.0.1, B03.FR.03)."
        )
    if station.registration == Registration.PENDING and name in NOT_WHILE_PENDING:
        raise Conflict(f"{station.identity} waits for its registration: nobody may charge there yet.")


def _start(command: Command, entry: Entry) -> None:
    """Wake who can send it; end it at once where the station's version has no words for it."""
    station = command.station
    if station.ocpp_version and station.ocpp_version not in entry.versions:
        spoken = " and ".join(entry.versions)
        reason = f"{command.name} is in OCPP {spoken} only; the station speaks {station.ocpp_version}"
        fail(command, CommandState.UNSUPPORTED, reason)
        return
    held_by = (
        Connection.objects.filter(pk=station.pk, closed_at=None).values_list("gateway", flat=True).first()
    )
    work = unit_of_work.current()
    work.nudge(f"gateway.{held_by}" if held_by else "gateways")
    work.nudge(f"live.{command.network_id}", station.identity)


# ── for the process that holds the socket ───────────────────────────────────────────────────────────────


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
    )


def claim_waiting() -> Sequence[tuple[Command, Station]]:
    """Queued commands of stations that are away and that nobody has looked at; each is given once."""
    found = list(
        Command.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("station")
        .filter(Q(station__connection=None) | Q(station__connection__closed_at__isnull=False))
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
        configuration.sent(command.station, _asked(command))
    unit_of_work.current().nudge(f"live.{command.network_id}", command.station.identity)


def sent(command_id: str, epoch: int) -> Command | None:
    """The command that was sent on the socket with this epoch and has no end yet, locked."""
    return (
        Command.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(pk=command_id, state=CommandState.SENT, epoch=epoch)
        .first()
    )


def settle(command: Command, outcome: Outcome, *, raw: object) -> bool:
    """End the command with the station's answer; False if it has ended already."""
    if command.name == "set_config":
        outcome = configuration.by_setting(_asked(command), outcome)
    with unit_of_work.begin():
        told = _outcome(outcome.status, outcome.detail, None, raw)
        ended = _end(command, outcome.state, told)
        if ended and command.name == "set_config":
            configuration.answered(command.station, _asked(command), outcome)
    return ended


def fail(command: Command, state: CommandState, reason: str, *, raw: object = None) -> bool:
    """End the command without a useful answer; False if it has ended already."""
    with unit_of_work.begin():
        ended = _end(command, state, _outcome(None, {}, reason, raw))
        if ended and command.name == "set_config" and state == CommandState.FAILED:
            configuration.refused(command.station, _asked(command))
    return ended


def lose(epochs: Mapping[int, int]) -> None:
    """Sockets are gone, by station up to an epoch: what they were asked and didn't answer is lost."""
    unanswered = (
        Command.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(station__in=epochs, state=CommandState.SENT)
        .order_by("pk")
    )
    for command in unanswered:
        if (command.epoch or 0) <= epochs[command.station_id]:
            fail(command, CommandState.UNKNOWN, "the connection was lost before an answer came")


def was_triggered(station: Station, action: str) -> bool:
    """Whether the station was asked a moment ago to send this message, and agreed or has yet to say so."""
    asked_for = [trigger for trigger, message in _MESSAGES.items() if message == action] or [action]
    return Command.objects.filter(
        Q(state=CommandState.SENT) | Q(state=CommandState.ACCEPTED, ended_at__gt=clock.now() - TRIGGERED_FOR),
        station=station,
        name="trigger_message",
        params__requested_message__in=asked_for,
    ).exists()


# Triggers that are not named for the message that comes.
_MESSAGES = {
    "SignChargingStationCertificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
}


# ── the sweep ───────────────────────────────────────────────────────────────────────────────────────────


def expire_due() -> int:
    """End what nobody will end any more: queued past its time, or sent and given up; return how many."""
    now = clock.now()
    # Who sent it says so when the answer is overdue, unless it died meanwhile.
    given_up = now - timedelta(seconds=settings.EMOBI_CALL_TIMEOUT_S * 2 + 10)
    ended = 0
    with unit_of_work.begin():
        due = (
            Command.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station")
            .filter(
                Q(state=CommandState.QUEUED, expires_at__lte=now)
                | Q(state=CommandState.SENT, sent_at__lte=given_up)
            )
            .order_by("pk")[:AT_ONCE]
        )
        for command in due:
            if command.state == CommandState.QUEUED:
                ended += fail(command, CommandState.EXPIRED, "the station wasn't reached in time")
            else:
                ended += fail(command, CommandState.UNKNOWN, "the process that sent it is gone")
    return ended


# What only a command that was sent can come to; all else but an answer comes to one that was not.
_AFTER_SENT = frozenset({CommandState.FAILED, CommandState.UNKNOWN})


def _end(command: Command, state: CommandState, outcome: Mapping[str, Any]) -> bool:
    """Compare and set; then say so. The secrets of the params go with the end: nobody needs them any more."""
    before = CommandState.SENT if state.completed or state in _AFTER_SENT else CommandState.QUEUED
    ended_at = clock.now()
    changed = Command.objects.filter(pk=command.pk, state=before).update(
        state=state, outcome=outcome, ended_at=ended_at, params=masking.value(command.params)
    )
    if not changed:
        return False
    command.state, command.outcome, command.ended_at = state, dict(outcome), ended_at
    kind = events.CommandCompleted if state.completed else events.CommandFailed
    events.record(
        command.station.subject,
        kind(
            command_id=command.pk,
            command=command.name,
            state=state.value,
            outcome=outcome,
            requested_by=command.requested_by,
        ),
    )
    unit_of_work.current().nudge(f"command.{command.pk}")
    return True


def _outcome(
    status: str | None, detail: Mapping[str, Any], reason: str | None, raw: object
) -> dict[str, Any]:
    return {
        "status": status,
        "detail": masking.value(dict(detail)),
        "reason": reason,
        "raw": masking.value(raw),
    }


def _asked(command: Command) -> SetConfig:
    asked = catalogue.parse(command.name, command.params)
    assert isinstance(asked, SetConfig)
    return asked
