"""The worker's part in certificates: has keys signed, brings the chains to stations, asks for renewals.

Each function looks at rows and does what is due; it may run twice, or late. The authority is asked outside
any transaction, and what it says counts only if the request still waits for it.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from emobi.core import checks, claims, clock
from emobi.core.errors import Conflict
from emobi.core.models import Role
from stations import certificate_authorities, selectors, x509_text
from stations.certificate_authorities import Order, Refused, Unavailable
from stations.commands.certificates import SigningUse
from stations.commands.everyday import Trigger
from stations.models import (
    OPEN_SIGNING_STATES,
    CertificateUse,
    Command,
    CommandState,
    SigningRequest,
    SigningState,
    Station,
)
from stations.services.commanding import commands

log = logging.getLogger(__name__)

BY = "system:certificates"
AT_ONCE = 20
# The authority is asked by one at a time, for so long and the request that is under way then: one that hangs
# is to hold one of the worker's processes, and not for long.
SIGNS_FOR_S = 10.0
# An authority that can't be asked is asked again after so long, each time twice as long, at most an hour.
FIRST_DELAY_S, LONGEST_DELAY_S = 10, 3600
GIVEN_UP_AFTER = timedelta(days=1)
# A chain, or a request for a new key, waits so long for its station to connect.
BRING_WITHIN_S = 86400.0
RENEWAL_ASKED_EVERY = timedelta(days=1)
LONGEST_REASON = 300

TRIGGERS = {
    CertificateUse.CHARGING_STATION: Trigger.SIGN_CHARGING_STATION_CERTIFICATE,
    CertificateUse.V2G: Trigger.SIGN_V2G_CERTIFICATE,
}


def sign_due(within_s: float = SIGNS_FOR_S) -> int:
    """Have the keys signed that wait for it; how many were.

    What is left when the time is over is for the next call, and where another one asks, all is left to it.
    """
    until = time.monotonic() + within_s
    signed = 0
    with claims.alone("signing") as ours:
        while ours and (claimed := _claim(SigningState.WAITING, 1)):
            signed += sum(_sign(request) for request in claimed)
            if time.monotonic() >= until:
                break
    return signed


def bring_due() -> int:
    """Bring chains that weren't brought, or weren't answered, to their stations; how many were sent off."""
    return sum(_bring(request) for request in _claim(SigningState.SIGNED, AT_ONCE))


def renew_due() -> int:
    """Ask stations for a new key whose certificates end soon, once a day; how many were asked."""
    now = clock.now()
    newer = SigningRequest.objects.filter(station=OuterRef("station"), use=OuterRef("use"))
    soon = now + timedelta(days=settings.EMOBI_CERTIFICATE_RENEWAL_DAYS)
    due = (
        SigningRequest.objects.filter(state=SigningState.INSTALLED, not_after__lte=soon)
        .filter(Q(renewal_asked_at=None) | Q(renewal_asked_at__lte=now - RENEWAL_ASKED_EVERY))
        .exclude(Exists(newer.filter(state__in=OPEN_SIGNING_STATES)))
        .exclude(Exists(newer.filter(state=SigningState.INSTALLED, pk__gt=OuterRef("pk"))))
        .select_related("station__network")[:AT_ONCE]
    )
    return sum(_renew(request, now) for request in due)


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts, 1 or more."""
    return timedelta(seconds=min(FIRST_DELAY_S * 2 ** (attempts - 1), LONGEST_DELAY_S))


def _claim(state: SigningState, at_once: int) -> list[SigningRequest]:
    """Requests that are due, each for this process alone until its next attempt."""
    now = clock.now()
    with transaction.atomic():
        due = list(
            SigningRequest.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station__network")
            .filter(state=state, next_attempt_at__lte=now)
            .order_by("next_attempt_at")[:at_once]
        )
        for request in due:
            request.attempts += 1
            request.next_attempt_at = now + delay(request.attempts)
            request.save(update_fields=["attempts", "next_attempt_at"])
    return due


def _sign(request: SigningRequest) -> bool:
    station = request.station
    order = Order(
        network=station.network.slug,
        station=station.identity,
        use=request.use,
        combined=request.combined,
        csr=request.csr,
        common_name=request.common_name,
        organization=request.organization,
    )
    try:
        chain = certificate_authorities.sign(order)
    except Refused as refusal:
        _end(request, SigningState.REFUSED, str(refusal))
        return False
    except Unavailable as reason:
        log.warning("%s: not signed: %s", station.identity, reason)
        if clock.now() - request.created_at > GIVEN_UP_AFTER:
            _end(request, SigningState.FAILED, str(reason))
        return False
    limit = selectors.longest_chain(station)
    if len(chain) > limit:
        _end(
            request, SigningState.FAILED, f"The chain has {len(chain)} characters; the station takes {limit}."
        )
        return False
    leaf = x509_text.chain(chain)[0]
    signed = {
        "state": SigningState.SIGNED,
        "chain": chain,
        "serial_number": f"{leaf.serial_number:x}",
        "not_after": checks.sane_time(leaf.not_valid_after_utc),
        "signed_at": clock.now(),
        "attempts": 0,
        "next_attempt_at": clock.now(),
    }
    return bool(_still(request).update(**signed))


def _bring(request: SigningRequest) -> bool:
    """Queue the command that brings the chain, unless it is on its way; whether it was queued.

    The command's answer ends the request (`signing_requests.taken`); one that nobody answered is asked again.
    """
    before = Command.objects.filter(pk=request.command_id).first() if request.command_id else None
    state = CommandState(before.state) if before else None
    if state is not None and state.open:
        return False
    if before is not None and state in (
        CommandState.FAILED,
        CommandState.UNSUPPORTED,
        CommandState.CANCELLED,
    ):
        reason = (before.outcome or {}).get("reason") or state.label
        _end(request, SigningState.FAILED, f"It couldn't be brought: {reason}")
        return False
    if before is not None and clock.now() - (request.signed_at or request.created_at) > GIVEN_UP_AFTER:
        _end(request, SigningState.FAILED, "The station didn't take it within a day.")
        return False
    params = {"certificate_chain": request.chain}
    if not request.combined:
        params["certificate_type"] = SigningUse(request.use).value
    command = _ask(request.station, "certificate_signed", params)
    if command is None:
        return False
    return bool(_still(request).update(command_id=command.pk))


def _renew(request: SigningRequest, now: datetime) -> bool:
    message = Trigger.SIGN_COMBINED_CERTIFICATE
    if not request.combined or request.station.ocpp_version == "1.6":
        message = TRIGGERS[CertificateUse(request.use)]
    if not SigningRequest.objects.filter(pk=request.pk, renewal_asked_at=request.renewal_asked_at).update(
        renewal_asked_at=now
    ):
        return False  # by another worker
    return _ask(request.station, "trigger_message", {"requested_message": message.value}) is not None


def _ask(station: Station, name: str, params: dict[str, str]) -> Command | None:
    """Queue a command; None while the station may not be asked."""
    try:
        return commands.request(
            station.network,
            station,
            name,
            params,
            requested_by=BY,
            role=Role.ADMIN,
            expires_in_s=BRING_WITHIN_S,
        )
    except Conflict as reason:
        log.info("%s: %s not asked: %s", station.identity, name, reason)
        return None


def _end(request: SigningRequest, state: SigningState, reason: str) -> None:
    _still(request).update(state=state, reason=reason[:LONGEST_REASON], ended_at=clock.now())


def _still(request: SigningRequest) -> QuerySet[SigningRequest]:
    """The request, as long as it is in the state in which it was claimed."""
    return SigningRequest.objects.filter(pk=request.pk, state=request.state)
