"""Keys that stations want signed: judged and answered at once, signed by the worker, brought to the station.

    waiting ── authority ──► signed ── station ──► installed
       └──► refused             └──► rejected | failed

A station that doesn't get its certificate in time asks again, later and later: the same key is the same
request. Source: OCPP 2.0.1 part 2, A02 and A03; security whitepaper of 1.6, the same.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet

from emobi.core import checks, clock, events, ulid, unit_of_work
from stations import signing_rules, x509_text
from stations.commands.certificates import CertificateSigned
from stations.commands.outcome import Outcome
from stations.models import (
    OPEN_SIGNING_STATES,
    CertificateUse,
    CommandState,
    SigningRequest,
    SigningState,
    Station,
)
from stations.reports import SigningReport
from stations.services.trust import installed_certificates
from stations.signing_rules import Unsuitable, Wanted

log = logging.getLogger(__name__)

LONGEST_REASON = 300
REPLACED = "The station came with another key."
# Each new key is work for an authority, and a row of ours: more than this no station needs.
MOST_AN_HOUR = 20


def receive(station: Station, report: SigningReport) -> bool:
    """Judge a request, and take it in hand; whether it is accepted.

    Idempotent: the same key again is the same request, and tells nobody anything new; a certificate that
    didn't reach the station is brought again. Another key replaces a request that is still open; a station
    that comes with one after the other is turned down.
    """
    try:
        wanted = signing_rules.read(report.csr)
        _check(station, report, wanted)
    except Unsuitable as unsuitable:
        _refuse(station, report, str(unsuitable))
        return False
    with unit_of_work.begin():
        open_ = _open(station, report.use)
        if open_.filter(digest=wanted.digest).update(repeats=F("repeats") + 1, next_attempt_at=clock.now()):
            return True
        if _asks_too_often(station):
            return False
        # The station keeps one key at a time: a certificate for the one before is of no use to it any more.
        open_.update(state=SigningState.FAILED, reason=REPLACED, ended_at=clock.now())
        _create(station, report, wanted, SigningState.WAITING, "")
    return True


def taken(station: Station, asked: CertificateSigned, outcome: Outcome) -> None:
    """The station was brought a chain, by us or by hand, and said whether it uses it.

    It ends the request that it was for, or else that for its key. A chain by hand for a key that nobody asked
    for is kept like one, so that a refusal is noticed and the certificate's end is known.
    """
    leaf, *_ = x509_text.chain(asked.certificate_chain)
    accepted = outcome.state == CommandState.ACCEPTED
    wanted = signing_rules.of_certificate(leaf)
    use = CertificateUse(asked.certificate_type or CertificateUse.CHARGING_STATION)
    said = {
        "state": SigningState.INSTALLED if accepted else SigningState.REJECTED,
        "reason": "" if accepted else _why(outcome),
        "chain": asked.certificate_chain,
        "serial_number": f"{leaf.serial_number:x}",
        "not_after": checks.sane_time(leaf.not_valid_after_utc),
        "ended_at": clock.now(),
    }
    of_key = SigningRequest.objects.filter(station=station, digest=wanted.digest)
    open_ = of_key.filter(state__in=OPEN_SIGNING_STATES)
    # A station may ask with one key for a certificate of each use.
    of_use = open_.filter(use=use) if asked.certificate_type else open_
    ended = open_.filter(chain=asked.certificate_chain).update(**said) or of_use.update(**said)
    if not ended and not _was_ours(of_key, asked):
        _keep_brought(station, use, wanted, said)
    if accepted:
        installed_certificates.tell(station, use, leaf)


def _was_ours(of_key: QuerySet[SigningRequest], asked: CertificateSigned) -> bool:
    """Whether we brought it for a request that has ended since: the station came with another key."""
    return of_key.filter(chain=asked.certificate_chain).exists()


def _keep_brought(station: Station, use: CertificateUse, wanted: Wanted, said: Mapping[str, Any]) -> None:
    SigningRequest.objects.create(
        id=ulid.new(),
        station=station,
        use=use,
        digest=wanted.digest,
        common_name=wanted.common_name[:255],
        organization=wanted.organization[:255],
        key_type=wanted.key_type,
        created_at=said["ended_at"],
        **said,
    )


def _check(station: Station, report: SigningReport, wanted: Wanted) -> None:
    if report.use == CertificateUse.V2G:
        signing_rules.check_v2g(wanted)
    else:
        operator = station.network.organization
        signing_rules.check_station(wanted, serial_number=station.serial_number, operator=operator)


def _why(outcome: Outcome) -> str:
    said = [
        outcome.status,
        *(str(outcome.detail.get(key) or "") for key in ("reason_code", "additional_info")),
    ]
    return f"The station says {' '.join(filter(None, said))}."[:LONGEST_REASON]


def _asks_too_often(station: Station) -> bool:
    since = clock.now() - timedelta(hours=1)
    asked = SigningRequest.objects.filter(station=station, created_at__gt=since).count()
    if asked >= MOST_AN_HOUR:
        log.warning("%s: asked for %d certificates within an hour", station.identity, asked)
    return asked >= MOST_AN_HOUR


def _open(station: Station, use: str) -> QuerySet[SigningRequest]:
    return SigningRequest.objects.filter(station=station, use=use, state__in=OPEN_SIGNING_STATES)


def _refuse(station: Station, report: SigningReport, reason: str) -> None:
    """Keep it with the reason; a station that asks the same again and again is one row."""
    digest = hashlib.sha256(report.csr.encode()).hexdigest()
    refused = SigningRequest.objects.filter(
        station=station, use=report.use, digest=digest, state=SigningState.REFUSED, reason=reason
    )
    with unit_of_work.begin():
        if not refused.update(repeats=F("repeats") + 1) and not _asks_too_often(station):
            nobody = Wanted(digest=digest, common_name="", organization="", key_type="")
            _create(station, report, nobody, SigningState.REFUSED, reason)


def _create(
    station: Station, report: SigningReport, wanted: Wanted, state: SigningState, reason: str
) -> None:
    now = clock.now()
    refused = state == SigningState.REFUSED
    request = SigningRequest.objects.create(
        id=ulid.new(),
        station=station,
        use=report.use,
        combined=report.combined,
        csr=report.csr,
        digest=wanted.digest,
        common_name=wanted.common_name[:255],
        organization=wanted.organization[:255],
        key_type=wanted.key_type,
        state=state,
        reason=reason[:LONGEST_REASON],
        created_at=now,
        next_attempt_at=None if refused else now,
        ended_at=now if refused else None,
    )
    events.record(
        station.subject,
        events.CertificateSignRequested(
            received_at=now,
            signing_request_id=request.pk,
            certificate_type=request.use,
            common_name=request.common_name or None,
            organization=request.organization or None,
            key_type=request.key_type or None,
            status="Rejected" if refused else "Accepted",
            reason=request.reason or None,
        ),
    )
