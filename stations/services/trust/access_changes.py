"""Guided changes of how a station gets in: its password (A01), its security profile (A05).

A change is a row with steps; each step is a command, or waiting for the station to come in. Gateway processes
take the changes a step further once a second. Nothing is taken away from the station before it has proved the
new (`access_proofs`), so that a change that fails half-way, or whose answer is lost, locks nobody out; and no
change lowers a security profile.
"""

import copy
import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound, Refused
from emobi.core.models import Role
from emobi.core.services import audit
from stations import access_plans, network_profiles, x509_text
from stations.access_plans import MOVING, Step
from stations.commands.variable_answers import REBOOT_REQUIRED
from stations.models import (
    AccessChange,
    AccessChangeKind,
    AccessChangeState,
    Command,
    CommandState,
    Connection,
    SigningRequest,
    SigningState,
    Station,
)
from stations.services.commanding import commands
from stations.services.presence import connections
from stations.services.trust import access_steps

log = logging.getLogger(__name__)

AT_ONCE = 50
LONGEST_REASON = 300
# Commands of a change wait so long for their station.
WITHIN_S = 86400.0
# A password whose answer was lost is sent anew so often.
MOST_ATTEMPTS = 3
# A station that doesn't connect anew by itself is made to: its socket is closed.
COMES_BACK_WITHIN = timedelta(seconds=10)
CERTIFICATE_WITHIN = timedelta(hours=1)


def change_password(station: Station, *, by: str, address: str | None = None) -> AccessChange:
    """Give the station a new password, which nobody but the station gets to know.

    Raises:
        Conflict: If a change is under way, the station has no password, or never connected.
    """
    _check_spoken(station)
    if not station.has_password:
        raise Conflict(f"{station.identity} has no password to change: its security profile asks for none.")
    return _begin(station, AccessChangeKind.PASSWORD, {}, access_plans.password(), by, address)


def raise_profile(
    station: Station,
    to: int,
    *,
    by: str,
    address: str | None = None,
    root: str | None = None,
    url: str | None = None,
    slot: int | None = None,
    ocpp_interface: str = "Wired0",
) -> AccessChange:
    """Bring the station to a higher security profile.

    Args:
        station: Whom.
        to: 1, 2 or 3.
        by: Who does it, as in the audit log.
        address: Where the request came from.
        root: PEM of the root of our server's certificate; None: the station has one.
        url: 2.0.1: where it is to connect, without its identity; None: where we are.
        slot: 2.0.1: of its network profiles; None: one that it doesn't use.
        ocpp_interface: 2.0.1: OCPPInterfaceEnumType.

    Raises:
        Invalid: If the profile isn't higher, or something that it needs is missing or can't be taken.
        Conflict: If a change is under way, or the station never connected.
    """
    _check_spoken(station)
    if not station.profile < to <= 3:
        raise Invalid(
            f"A security profile is only raised: {station.identity} has {station.profile} (A00.FR.005).",
            "security_profile",
        )
    if to == 3 and not station.serial_number:
        raise Invalid("Its certificate needs its serial number, which isn't known yet.", "security_profile")
    if root is not None:
        x509_text.certificate(root, "root")
    params: dict[str, Any] = {"security_profile": to, "root": root}
    if station.ocpp_version != "1.6":
        url = url or access_steps.default_url(station, to)
        params |= {"url": url, "slot": slot, "ocpp_interface": ocpp_interface}
    elif url is not None:
        raise Invalid("OCPP 1.6 can't tell a station its URL.", "url")
    else:
        # It is told the profile alone, and has nothing to fall back to where nobody listens.
        access_steps.default_url(station, to)
    steps = access_plans.security_profile(
        station.ocpp_version, to, has_password=station.has_password, brings_root=root is not None
    )
    return _begin(station, AccessChangeKind.SECURITY_PROFILE, params, steps, by, address)


def cancel(station: Station, change_id: str, *, by: str, address: str | None = None) -> AccessChange:
    """Stop a change. A station that was told to use the new may still do so, or stay with the old.

    Raises:
        NotFound: If the station has no such change.
        Conflict: If it has ended, other than by being cancelled.
    """
    with unit_of_work.begin():
        change = (
            AccessChange.objects.select_for_update(of=("self",))
            .select_related("station")
            .filter(pk=change_id, station=station)
            .first()
        )
        if change is None:
            raise NotFound("There is no such change.")
        if change.state == AccessChangeState.CANCELLED:
            return change
        if change.state != AccessChangeState.RUNNING:
            raise Conflict("This change has ended.")
        _end(change, AccessChangeState.CANCELLED, f"cancelled by {by}")
        change.save()
        detail = {"kind": change.kind, "change_id": change.pk}
        audit.record(station.network_id, by, "access_change.cancelled", station.identity, detail, address)
    return change


def advance_due() -> int:
    """Take each change that runs a step further, if it can be; how many were."""
    with unit_of_work.begin():
        running = (
            AccessChange.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station__network")
            .filter(state=AccessChangeState.RUNNING)
            .order_by("moved_at")[:AT_ONCE]
        )
        return sum(_advance_safely(change) for change in running)


def _check_spoken(station: Station) -> None:
    if not station.ocpp_version:
        raise Conflict(f"{station.identity} never connected: give it its credentials by hand.")


def _begin(
    station: Station,
    kind: AccessChangeKind,
    params: dict[str, Any],
    steps: list[Step],
    by: str,
    address: str | None,
) -> AccessChange:
    now = clock.now()
    change = AccessChange(
        id=ulid.new(),
        station=station,
        kind=kind,
        params=params,
        steps=[{"step": step.value, "state": "pending", "command_id": None, "attempts": 0} for step in steps],
        credential=_digest(station),
        requested_by=by[:200],
        created_at=now,
        moved_at=now,
    )
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                change.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(f"{station.identity} is being changed already.") from error
        detail = {
            "kind": kind.value,
            "change_id": change.pk,
            **{k: v for k, v in params.items() if k != "root"},
        }
        audit.record(station.network_id, by, "access_change.begun", station.identity, detail, address)
        _advance(change)
    return change


def _advance_safely(change: AccessChange) -> bool:
    """The changes of other stations mustn't wait for a repair of ours."""
    try:
        with transaction.atomic():
            return _advance(change)
    except Exception:
        log.exception("access change %s can't go on", change.pk)
        _end(change, AccessChangeState.FAILED, "failed here; see the server's log")
        change.save(update_fields=["state", "reason", "ended_at"])
        return False


def _advance(change: AccessChange) -> bool:
    """Do what can be done now; whether anything could be."""
    entry = next(each for each in change.steps if each["state"] != "done")
    before = (change.state, copy.deepcopy(change.steps))
    step = Step(entry["step"])
    if step is Step.PROVE:
        _prove(change, entry)
    elif entry["command_id"] is None:
        _ask(change, entry, step)
    else:
        _read(change, entry, step)
    if (change.state, change.steps) == before:
        return False
    change.moved_at = clock.now()
    change.save()
    return True


def _ask(change: AccessChange, entry: dict[str, Any], step: Step) -> None:
    name, params = access_steps.command(change, step)
    try:
        command = commands.request(
            change.station.network,
            change.station,
            name,
            params,
            requested_by=change.requested_by,
            role=Role.ADMIN,
            expires_in_s=WITHIN_S,
        )
    except Refused as reason:
        _fail(change, entry, str(reason))
        return
    if step in MOVING or (step is Step.SET_PASSWORD and change.kind == AccessChangeKind.SECURITY_PROFILE):
        # From now on it may come in with the new.
        _expect(change.station, change.params["security_profile"])
    entry.update(state="running", command_id=command.pk, attempts=entry["attempts"] + 1)


def _read(change: AccessChange, entry: dict[str, Any], step: Step) -> None:
    """What came of the step's command."""
    command = Command.objects.filter(pk=entry["command_id"]).first()
    state = CommandState(command.state) if command else CommandState.UNKNOWN
    if state.open:
        return
    reason = _why(command)
    match state:
        case CommandState.ACCEPTED | CommandState.SCHEDULED:
            _accepted(change, entry, step, command)
        case CommandState.UNKNOWN if step in (*MOVING, Step.RESET) or (
            step is Step.SET_PASSWORD and change.station.has_password
        ):
            # It may have been done: what the station comes in with says so. A first password isn't shown
            # until the profile asks for it, so whether the station has it must be known before.
            entry.update(state="done", reason=reason)
        case CommandState.UNKNOWN if entry["attempts"] < MOST_ATTEMPTS:
            entry.update(command_id=None)  # it does no harm twice
        case _ if step is Step.RESET:
            entry.update(state="done", reason=f"{reason} It moves at its next restart.")
        case _:
            if step in MOVING and change.station.profile >= 1:
                _expect(change.station, None)
            _fail(change, entry, reason)


def _accepted(change: AccessChange, entry: dict[str, Any], step: Step, command: Command | None) -> None:
    outcome = (command.outcome or {}) if command else {}
    if step is Step.LIST_ROOTS and not outcome.get("detail", {}).get("certificates"):
        _fail(change, entry, "The station trusts no root for our server's certificate: give one as root.")
    elif step is Step.READ_PRIORITY and not network_profiles.order(change.station):
        _fail(change, entry, "The station doesn't say which network profile it uses: it couldn't fall back.")
    elif step is Step.REQUEST_CERTIFICATE and command is not None:
        _await_certificate(change, entry, command)
    else:
        entry.update(state="done", reboot_required=outcome.get("status") == REBOOT_REQUIRED)


def _await_certificate(change: AccessChange, entry: dict[str, Any], trigger: Command) -> None:
    """The station asks for its certificate, and is brought it. It may have been at it when it was told to."""
    asked = SigningRequest.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=trigger.sent_at),
        station=change.station,
        use="ChargingStationCertificate",
    )
    newest = asked.order_by("-pk").first()
    if newest is not None and newest.state == SigningState.INSTALLED:
        entry.update(state="done")
    elif newest is not None and newest.ended_at is not None:
        _fail(change, entry, f"Its certificate: {newest.reason or newest.state}")
    elif clock.now() - (trigger.ended_at or change.moved_at) > CERTIFICATE_WITHIN:
        _fail(change, entry, "No certificate came to the station within an hour.")


def _prove(change: AccessChange, entry: dict[str, Any]) -> None:
    """Wait for the station to come in with the new, and have it come where it stays."""
    station = change.station
    entry.update(state="running")
    connection = Connection.objects.filter(pk=station.pk, closed_at=None).first()
    came_in = connection is not None and connection.opened_at > _told_at(change)
    if change.kind == AccessChangeKind.SECURITY_PROFILE:
        proved = station.upgrading_to is None and station.profile >= change.params["security_profile"]
    else:
        proved = came_in and " " not in station.password_hash and _digest(station) != change.credential
    if proved:
        entry.update(state="done")
        _end(change, AccessChangeState.SUCCEEDED, "")
    elif any(each.get("reboot_required") for each in change.steps):
        return  # it moves at its next restart
    elif came_in and change.kind == AccessChangeKind.PASSWORD:
        _came_in_with_the_old(change, entry)
    elif connection is not None and _is_late(change) and not came_in and not entry.get("let_go"):
        entry["let_go"] = True
        connections.let_go(connection)
        change.save(update_fields=["steps"])


def _is_late(change: AccessChange) -> bool:
    return clock.now() - change.moved_at > COMES_BACK_WITHIN


def _told_at(change: AccessChange) -> datetime:
    """When the station was told to use the new."""
    told = [each["command_id"] for each in change.steps if each["step"] in (Step.SET_PASSWORD, *MOVING)]
    command = Command.objects.filter(pk=told[-1]).first()
    return change.moved_at if command is None or command.sent_at is None else command.sent_at


def _came_in_with_the_old(change: AccessChange, entry: dict[str, Any]) -> None:
    """The answer was lost, and the station has its old password: it is sent a new one."""
    sending = next(each for each in change.steps if each["step"] == Step.SET_PASSWORD)
    if sending["attempts"] >= MOST_ATTEMPTS:
        _fail(change, entry, "The station keeps its old password, and doesn't answer.")
        return
    sending.update(state="pending", command_id=None)
    entry.update(state="pending", let_go=False)


def _expect(station: Station, profile: int | None) -> None:
    station.upgrading_to = profile
    Station.objects.filter(pk=station.pk).update(upgrading_to=profile)


def _fail(change: AccessChange, entry: dict[str, Any], reason: str) -> None:
    entry.update(state="failed", reason=reason[:LONGEST_REASON])
    _end(change, AccessChangeState.FAILED, reason)


def _end(change: AccessChange, state: AccessChangeState, reason: str) -> None:
    change.state, change.reason, change.ended_at = state, reason[:LONGEST_REASON], clock.now()


def _why(command: Command | None) -> str:
    if command is None:
        return "Its command is gone."
    outcome = command.outcome or {}
    return f"{command.name}: {outcome.get('reason') or outcome.get('status') or command.state}."


def _digest(station: Station) -> str:
    """Tells one password hash from another without being either."""
    return hashlib.sha256(station.password_hash.partition(" ")[0].encode()).hexdigest()
