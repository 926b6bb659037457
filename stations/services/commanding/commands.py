"""Commands: asked for, claimed by the process that holds the socket, sent once, ended once.

    queued ── claimed, committed ──► sent ── answer ──► accepted | scheduled | rejected | failed
       │                               └── no answer ──► unknown
       └──► unsupported | expired | cancelled

Every step is a compare-and-set on the state: whoever comes second changes nothing. Here they are asked for;
`command_claims`, beside this, has how they are sent, `command_ends` how they end.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound
from emobi.core.models import Network, Role
from emobi.core.services import audit
from stations import masking
from stations.commands import catalogue, custom_data
from stations.commands.entry import Entry
from stations.models import Command, CommandState, Connection, Registration, Station
from stations.services.commanding import command_ends
from stations.services.commanding.command_claims import NOT_WHILE_PENDING
from stations.services.device_model import variables

LONGEST_EXPIRY_S = 7 * 86400
LONGEST_KEY = 200
# As the audit log keeps why a command was asked for.
LONGEST_REASON = 300
# How long one may wait that is only for now: for the CALL before it, and its time-out.
AT_ONCE_S = 30

# Numbers that tie what follows to the command; chosen where none is given, so that the asker knows them.
NUMBERS = ("remote_start_id", "request_id", "reservation_id")


def request(
    network: Network,
    station: Station,
    name: str,
    params: Mapping[str, Any],
    *,
    requested_by: str,
    role: Role,
    expires_in_s: float = 60,
    only_now: bool = False,
    idempotency_key: str | None = None,
    address: str | None = None,
    reason: str = "",
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
        only_now: Only if the station is connected; it then waits `AT_ONCE_S` at most.
        idempotency_key: The asker's own name for it, to ask again without harm.
        address: Where the request came from.
        reason: Why, in the asker's words; for the audit log.

    Raises:
        Invalid: If there is no such command, or its params break its schema.
        Forbidden: If the role doesn't allow it.
        Conflict: If the key was used for something else, or the station may not be asked now, or isn't there
            and it is only for now.
    """
    entry = catalogue.entry(name)
    if not role.includes(entry.role):
        raise Forbidden(f"{name} needs the role {entry.role.value}; you are {role.value}.")
    if idempotency_key is not None and not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise Invalid(f"An idempotency key has 1 to {LONGEST_KEY} characters.", "idempotency_key")
    # First of all: what could be asked then may not be asked any more, an expiry that has passed for one.
    earlier = _earlier(network, station, name, params, idempotency_key)
    if earlier is not None:
        return earlier
    asked = catalogue.parse(name, params)
    if not 0 < expires_in_s <= LONGEST_EXPIRY_S:
        raise Invalid(f"A command may wait up to {LONGEST_EXPIRY_S} s.", "expires_in_s")
    now = clock.now()
    command = Command(
        id=ulid.new(),
        network=network,
        station=station,
        name=name,
        requested_by=requested_by[:200],
        idempotency_key=idempotency_key,
        created_at=now,
        expires_at=now + timedelta(seconds=min(expires_in_s, AT_ONCE_S) if only_now else expires_in_s),
    )
    hidden = variables.hidden([station], name)
    command.keep_params(dict(params) | _chosen(asked), hidden)
    with unit_of_work.begin():
        refusal = _not_now(station, name) or (_not_there(station) if only_now else None)
        if refusal is not None:
            raise Conflict(refusal)
        try:
            with transaction.atomic():
                command.save(force_insert=True)
        except IntegrityError:
            # Somebody asked the same at the same time, and was first.
            earlier = _earlier(network, station, name, params, idempotency_key)
            if earlier is None:
                raise
            return earlier
        shown = masking.value(dict(params), hidden=hidden)
        detail = {"command": name, "command_id": command.pk, "params": shown}
        detail |= {"reason": reason} if reason else {}
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
        cancelled = command_ends.fail(command, CommandState.CANCELLED, f"cancelled by {by}")
        if cancelled:
            detail = {"command": command.name, "command_id": command.pk}
            audit.record(
                command.network_id, by, "command.cancelled", command.station.identity, detail, address
            )
    return cancelled


def _chosen(asked: object) -> dict[str, int]:
    return {name: secrets.randbelow(2**31 - 1) + 1 for name in NUMBERS if getattr(asked, name, 0) is None}


def _earlier(
    network: Network, station: Station, name: str, params: Mapping[str, Any], key: str | None
) -> Command | None:
    """The command that has the idempotency key already.

    Raises:
        Conflict: If that one asks for something else.
    """
    if key is None:
        return None
    earlier = Command.objects.select_related("station").filter(network=network, idempotency_key=key).first()
    if earlier is None:
        return None
    chosen = {name: earlier.params[name] for name in NUMBERS if name in earlier.params}
    asked = chosen | dict(params)
    before = earlier.asked_params
    if not CommandState(earlier.state).open:
        # Its secrets are gone by now; what is left is compared.
        asked = masking.value(asked, hidden=variables.hidden([station], name))
    if (earlier.station_id, earlier.name, before) != (station.pk, name, asked):
        raise Conflict("This idempotency key was used for another command.")
    return earlier


def can_ask(station: Station, entry: Entry) -> tuple[bool | None, str | None]:
    """Whether a station can be asked for a command, and why not; None if it never said what it speaks.

    What of a command its version can't say shows when it is said.
    """
    reason = _not_now(station, entry.command) or _not_in_version(station, entry)
    return (None if reason is None and not station.ocpp_version else reason is None), reason


def _not_now(station: Station, name: str) -> str | None:
    """Why the station may not be asked now, in words; None if it may."""
    if station.registration == Registration.REJECTED:
        return f"{station.identity} is rejected: it may not be asked anything (OCPP 2.0.1, B03.FR.03)."
    if (
        Registration.PENDING in (station.registration, station.told_registration)
        and name in NOT_WHILE_PENDING
    ):
        return (
            f"{station.identity} waits for its registration, or to be told of it with its next boot:"
            " nobody may charge there yet, nor may it report this (OCPP 2.0.1, B02)."
        )
    return None


def _not_there(station: Station) -> str | None:
    if _held_by(station):
        return None
    return f"{station.identity} isn't connected now: nothing was queued."


def _held_by(station: Station) -> str | None:
    """The gateway process that holds its socket."""
    held = Connection.objects.filter(pk=station.pk, closed_at=None)
    return held.values_list("gateway", flat=True).first()


def _not_in_version(station: Station, entry: Entry) -> str | None:
    """Why the station's version has no words for it; None if it has, or isn't known."""
    if not station.ocpp_version or station.ocpp_version in entry.versions:
        return None
    spoken = " and ".join(entry.versions)
    return f"{entry.command} is in OCPP {spoken} only; the station speaks {station.ocpp_version}"


def _start(command: Command, entry: Entry) -> None:
    """Wake who can send it; end it at once where the station's version has no words for it."""
    station = command.station
    reason = _not_in_version(station, entry) or custom_data.unsaid(station.ocpp_version, command.params)
    if reason is not None:
        command_ends.fail(command, CommandState.UNSUPPORTED, reason)
        return
    held_by = _held_by(station)
    work = unit_of_work.current()
    work.nudge(f"gateway.{held_by}" if held_by else "gateways")
    work.nudge(f"live.{command.network_id}", station.identity)
