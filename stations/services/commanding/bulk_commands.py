"""One command to many stations: paced, bounded, stopped when too many fail.

    paused ◄─► running ── every station has ended ──► finished
                  ├────── too many have failed ─────► stopped
                  └────── taken back ───────────────► cancelled

Each station is asked with a command of its own, which lives its own life (`commands`, beside this). A
sweep looks at what runs and asks those whose turn has come: any number may run, at any time. What was not
asked when a bulk command ends never is; what waits for its station then is taken back.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.crypto import salted_hmac

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from emobi.core.models import Network, Role
from emobi.core.services import audit
from stations.commands import catalogue
from stations.models import BulkCommand, BulkState, BulkTarget, Command, CommandState, Station
from stations.services.commanding import command_ends, commands
from stations.services.device_model import variables

MOST_STATIONS = 10_000
FASTEST_PER_S = 50.0
SLOWEST_PER_S = 0.01
MOST_AT_ONCE = 1_000

# After a pause of ours no more is caught up on than this.
CATCHES_UP_S = 2.0

# Fewer ends than this say nothing of a rate.
FEWEST_JUDGED = 5

FAILED = frozenset(
    {
        CommandState.REJECTED,
        CommandState.FAILED,
        CommandState.UNKNOWN,
        CommandState.UNSUPPORTED,
        CommandState.EXPIRED,
        CommandState.CANCELLED,
    }
)
REFUSED = "refused"
WAITING = "waiting"


def request(
    network: Network,
    stations: Sequence[Station],
    name: str,
    params: Mapping[str, Any],
    *,
    requested_by: str,
    role: Role,
    per_second: float = 5,
    concurrency: int = 20,
    stop_at_failure_rate: float | None = None,
    expires_in_s: float = 60,
    idempotency_key: str | None = None,
    asked: Mapping[str, Any],
    address: str | None = None,
    reason: str = "",
) -> BulkCommand:
    """Ask many stations for a command; the same ``idempotency_key`` again gives the same bulk command.

    Args:
        network: The asker's, and the stations'.
        stations: Whom to ask, in this order.
        name: As in the catalogue.
        params: As in the catalogue's schema.
        requested_by: As in the audit log.
        role: The asker's.
        per_second: How many stations are asked in a second, at most.
        concurrency: How many of the commands are under way at once, at most.
        stop_at_failure_rate: More failures than this, of those that have ended, stop it; 0: the first one,
            at once; None: nothing does.
        expires_in_s: How long each command may wait for its station.
        idempotency_key: The asker's own name for it.
        asked: All of the request, to tell whether the same key asks for the same.
        address: Where the request came from.
        reason: Why, in the asker's words; for the audit log.

    Raises:
        Invalid: If there is no such command, its params break its schema, or a number is out of its range.
        Forbidden: If the role doesn't allow it.
        Conflict: If the key was used for something else.
    """
    # First of all: what could be asked then may not be asked any more.
    before = earlier(network, name, role=role, idempotency_key=idempotency_key, asked=asked)
    if before is not None:
        return before
    catalogue.parse(name, params)
    _check(stations, per_second, concurrency, stop_at_failure_rate, expires_in_s)
    now = clock.now()
    bulk = BulkCommand(
        id=ulid.new(),
        network=network,
        name=name,
        requested_by=requested_by[:200],
        role=role,
        idempotency_key=idempotency_key,
        fingerprint=_fingerprint(asked),
        per_second=per_second,
        concurrency=concurrency,
        stop_at_failure_rate=stop_at_failure_rate,
        expires_in_s=expires_in_s,
        created_at=now,
        next_at=now,
    )
    bulk.keep_params(params, variables.hidden(stations, name))
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                bulk.save(force_insert=True)
        except IntegrityError:
            # Somebody asked the same at the same time, and was first.
            first = earlier(network, name, role=role, idempotency_key=idempotency_key, asked=asked)
            if first is None:
                raise
            return first
        BulkTarget.objects.bulk_create(
            BulkTarget(bulk=bulk, position=position, station=station)
            for position, station in enumerate(stations)
        )
        detail = {
            "command": name,
            "bulk_id": bulk.pk,
            "params": bulk.shown_params,
            "stations": len(stations),
        }
        detail |= {"reason": reason} if reason else {}
        audit.record(network.pk, requested_by, "bulk_command.requested", network.slug, detail, address)
    return bulk


def earlier(
    network: Network, name: str, *, role: Role, idempotency_key: str | None, asked: Mapping[str, Any]
) -> BulkCommand | None:
    """The bulk command that has the idempotency key already; for whoever has to find the stations first.

    Those that it was for need not be there any more. The arguments are those of `request`.

    Raises:
        Invalid: If there is no such command.
        Forbidden: If the role doesn't allow it.
        Conflict: If the key was used for something else.
    """
    _check_role(name, role)
    if idempotency_key is None:
        return None
    found = BulkCommand.objects.filter(network=network, idempotency_key=idempotency_key).first()
    if found is not None and found.fingerprint != _fingerprint(asked):
        raise Conflict("This idempotency key was used for another bulk command.")
    return found


def get(network: Network, bulk_id: str) -> BulkCommand:
    """A bulk command of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = BulkCommand.objects.filter(network=network, pk=bulk_id).first()
    if found is None:
        raise NotFound("There is no such bulk command.")
    return found


def counts(bulks: Sequence[BulkCommand]) -> dict[str, dict[str, int]]:
    """How many stations of each are how far: states of their commands, `REFUSED`, `WAITING`. One query."""
    found: dict[str, dict[str, int]] = {bulk.pk: {} for bulk in bulks}
    states = BulkTarget.objects.filter(bulk__in=found).values_list("bulk", "command__state", "refusal")
    for bulk_id, state, refusal, count in states.annotate(count=Count("pk")).order_by():
        of_bulk = found[bulk_id]
        name = state or (REFUSED if refusal else WAITING)
        of_bulk[name] = of_bulk.get(name, 0) + count
    return found


def cancel(bulk: BulkCommand, *, by: str, role: Role, address: str | None = None) -> bool:
    """Ask nobody any more, and take back what waits for its station; False if it is over already.

    Raises:
        Forbidden: If the role may not ask for it either.
    """
    _check_role(bulk.name, role)
    with unit_of_work.begin():
        locked = BulkCommand.objects.select_for_update().get(pk=bulk.pk)
        if locked.state not in (BulkState.RUNNING, BulkState.PAUSED):
            return False
        _end(locked, BulkState.CANCELLED, f"cancelled by {by}")
        detail = {"command": bulk.name, "bulk_id": bulk.pk}
        audit.record(bulk.network_id, by, "bulk_command.cancelled", locked.network.slug, detail, address)
    bulk.refresh_from_db()
    return True


def pause(bulk: BulkCommand, *, by: str, role: Role, address: str | None = None) -> bool:
    """Ask nobody until it is resumed; what was asked goes on. False if it isn't running.

    Raises:
        Forbidden: If the role may not ask for it either.
    """
    return _turn(bulk, BulkState.RUNNING, BulkState.PAUSED, by, role, address)


def resume(bulk: BulkCommand, *, by: str, role: Role, address: str | None = None) -> bool:
    """Go on with those that weren't asked yet, at its pace. False if it isn't paused.

    Raises:
        Forbidden: If the role may not ask for it either.
    """
    return _turn(bulk, BulkState.PAUSED, BulkState.RUNNING, by, role, address)


def _turn(
    bulk: BulkCommand, before: BulkState, after: BulkState, by: str, role: Role, address: str | None
) -> bool:
    _check_role(bulk.name, role)
    with unit_of_work.begin():
        locked = BulkCommand.objects.select_for_update().get(pk=bulk.pk)
        if locked.state != before:
            return False
        # What wasn't asked meanwhile isn't caught up on.
        locked.state, locked.next_at = after, clock.now()
        locked.save(update_fields=["state", "next_at"])
        action = "bulk_command.paused" if after == BulkState.PAUSED else "bulk_command.resumed"
        detail = {"command": bulk.name, "bulk_id": bulk.pk}
        audit.record(bulk.network_id, by, action, bulk.network.slug, detail, address)
    bulk.refresh_from_db()
    return True


def advance() -> int:
    """The sweep: ask the stations whose turn has come; return how many."""
    asked = 0
    for bulk_id in BulkCommand.objects.filter(state=BulkState.RUNNING).values_list("pk", flat=True):
        with unit_of_work.begin():
            bulk = (
                BulkCommand.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("network")
                .filter(pk=bulk_id, state=BulkState.RUNNING)
                .first()
            )
            if bulk is not None:
                asked += _advance(bulk)
    return asked


def _advance(bulk: BulkCommand) -> int:
    count = counts([bulk])[bulk.pk]
    open_now = sum(count.get(state, 0) for state in CommandState if CommandState(state).open)
    failed = count.get(REFUSED, 0) + sum(count.get(state, 0) for state in FAILED)
    waiting = count.get(WAITING, 0)
    ended = sum(count.values()) - waiting - open_now
    rate = bulk.stop_at_failure_rate
    if not waiting and not open_now:
        _end(bulk, BulkState.FINISHED, "")
        return 0
    # That nobody may fail needs no rate: the first who does stops it.
    judged = ended >= FEWEST_JUDGED or rate == 0
    if rate is not None and judged and failed > rate * ended:
        _end(bulk, BulkState.STOPPED, f"{failed} of {ended} failed")
        return 0
    wanted = min(waiting, bulk.concurrency - open_now, _due(bulk))
    if wanted <= 0:
        return 0
    targets = bulk.targets.filter(command=None, refusal="").select_related("station__network")
    turn = list(targets.order_by("position")[:wanted])
    for target in turn:
        _ask(bulk, target)
    bulk.next_at += timedelta(seconds=len(turn) / bulk.per_second)
    bulk.save(update_fields=["next_at"])
    return len(turn)


def _due(bulk: BulkCommand) -> int:
    """How many stations the pace allows by now."""
    now = clock.now()
    bulk.next_at = max(bulk.next_at, now - timedelta(seconds=CATCHES_UP_S))
    late_s = (now - bulk.next_at).total_seconds()
    return 0 if late_s < 0 else 1 + math.floor(late_s * bulk.per_second)


def _ask(bulk: BulkCommand, target: BulkTarget) -> None:
    try:
        target.command = commands.request(
            bulk.network,
            target.station,
            bulk.name,
            bulk.asked_params,
            requested_by=bulk.requested_by,
            role=Role(bulk.role),
            expires_in_s=bulk.expires_in_s,
        )
    except Refused as refusal:
        target.refusal = str(refusal)[:300]
    target.save(update_fields=["command", "refusal"])


def _end(bulk: BulkCommand, state: BulkState, reason: str) -> None:
    """Say how it ended. The secrets of the params go with the end, as a command's do."""
    bulk.state, bulk.reason, bulk.ended_at = state, reason[:200], clock.now()
    bulk.params, bulk.sealed = bulk.shown_params, ""
    bulk.save(update_fields=["state", "reason", "ended_at", "params", "sealed"])
    queued = Command.objects.select_related("station").filter(
        bulk_target__bulk=bulk, state=CommandState.QUEUED
    )
    for command in queued.order_by("pk"):
        command_ends.fail(command, CommandState.CANCELLED, f"the bulk command was {state}: {reason}")


def _fingerprint(asked: Mapping[str, Any]) -> str:
    return salted_hmac("bulk", events.encoded(asked), algorithm="sha256").hexdigest()


def _check_role(name: str, role: Role) -> None:
    needed = catalogue.entry(name).role
    if not role.includes(needed):
        raise Forbidden(f"{name} needs the role {needed.value}; you are {role.value}.")


def _check(
    stations: Sequence[Station],
    per_second: float,
    concurrency: int,
    stop_at_failure_rate: float | None,
    expires_in_s: float,
) -> None:
    if not 1 <= len(stations) <= MOST_STATIONS:
        raise Invalid(f"A bulk command is for 1 to {MOST_STATIONS} stations, not {len(stations)}.")
    if not SLOWEST_PER_S <= per_second <= FASTEST_PER_S:
        raise Invalid(f"{SLOWEST_PER_S} to {FASTEST_PER_S:g} stations a second.", "per_second")
    if not 1 <= concurrency <= MOST_AT_ONCE:
        raise Invalid(f"1 to {MOST_AT_ONCE} commands at once.", "concurrency")
    if stop_at_failure_rate is not None and not 0 <= stop_at_failure_rate <= 1:
        raise Invalid("A rate is between 0 and 1.", "stop_at_failure_rate")
    if not 0 < expires_in_s <= commands.LONGEST_EXPIRY_S:
        raise Invalid(f"A command may wait up to {commands.LONGEST_EXPIRY_S} s.", "expires_in_s")
