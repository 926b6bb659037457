"""What rules find in the rows of stations as they are now, whatever events said."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, Min, OuterRef, Q, Subquery, Sum

from emobi.core.models import Network
from stations.models import (
    CertificateUse,
    Connection,
    Connectivity,
    Connector,
    Deviation,
    IncidentKind,
    IncidentRule,
    IncidentTally,
    Severity,
    SigningRequest,
    SigningState,
    Station,
)
from stations.services.incidents import words
from stations.services.incidents.conditions import Found
from stations.services.trust import signing_requests

_FAILED = {
    SigningState.REFUSED: "was refused",
    SigningState.REJECTED: "was rejected by the station",
    SigningState.FAILED: "couldn't be brought",
}
FAILED_SIGNING = tuple(_FAILED)

# What a station shows in a handshake.
_SHOWN = CertificateUse.CHARGING_STATION

DEVIATIONS = "deviations"
# How often they are counted.
COUNTS_EVERY = timedelta(minutes=5)


def offline(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Stations that are offline."""
    kind = IncidentKind.OFFLINE
    found = Station.objects.filter(network=network, connectivity=Connectivity.OFFLINE)
    for station in found.select_related("connection"):
        connection = getattr(station, "connection", None)
        evidence = {
            "reason": connection.close_reason if connection else "",
            "last_heard_at": connection.last_heard_at if connection else None,
        }
        yield Found(
            station=station,
            since=station.connectivity_since,
            title=words.title(kind, station.identity, None, evidence),
            summary=words.summary(kind, evidence, rule.params),
            evidence=evidence,
        )


def faults(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Connectors whose fault is open, and whose code the rule looks out for."""
    kind = IncidentKind.FAULT
    only, but = set(rule.params.get("codes") or []), set(rule.params.get("but") or [])
    rows = Connector.objects.filter(station__network=network).exclude(fault_id="").select_related("station")
    for row in rows:
        codes = {row.error_code or "OtherError", row.vendor_error_code}
        if (only and not codes & only) or codes & but:
            continue
        evidence = {
            "error_code": row.error_code or "OtherError",
            "vendor_error_code": row.vendor_error_code or None,
            "info": row.info or None,
            "fault_id": row.fault_id,
            "connector_id": row.connector_id or None,
        }
        evse_id = row.evse_id or None
        yield Found(
            station=row.station,
            evse_id=evse_id,
            place=f"{row.evse_id}.{row.connector_id}",
            since=row.changed_at,
            title=words.title(kind, row.station.identity, evse_id, evidence),
            summary=words.summary(kind, evidence, rule.params),
            evidence=evidence,
        )


def wrong_clocks(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Stations whose clock is far from ours. It is judged while they are here."""
    limit = rule.params["seconds"]
    far = Q(clock_skew_s__gt=limit) | Q(clock_skew_s__lt=-limit)
    for station in Station.objects.filter(far, network=network, connectivity=Connectivity.ONLINE):
        skew_s = station.clock_skew_s or 0.0
        yield Found(
            station=station,
            since=now,
            title=f"{station.identity}: its clock is {_span(abs(skew_s))} {'fast' if skew_s > 0 else 'slow'}",
            summary=f"Its times differ from ours by {skew_s:.0f} s: bills and certificates depend on them.",
            evidence={"clock_skew_s": round(skew_s, 1)},
        )


def certificates(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Stations' own certificates that end soon: the one that the station showed when it connected last, and
    of each use the one that it took last from us.

    Where both are known the one that it shows counts; but a socket that is closed says nothing of what the
    station has taken since.
    """
    soon = now + timedelta(days=rule.params["days"])
    installed = SigningRequest.objects.filter(station__network=network, state=SigningState.INSTALLED)
    shown = Connection.objects.filter(station__network=network, certificate_not_after__isnull=False)
    taken_since = installed.filter(station=OuterRef("pk"), use=_SHOWN, ended_at__gt=OuterRef("opened_at"))
    of_its_use = installed.filter(station=OuterRef("pk"), use=_SHOWN).order_by("-pk")
    ending = shown.filter(certificate_not_after__lt=soon).exclude(
        Q(closed_at__isnull=False) & Exists(taken_since)
    )
    ending = ending.annotate(combined=Subquery(of_its_use.values("combined")[:1]))
    for socket in ending.select_related("station").order_by("pk"):
        until = socket.certificate_not_after or now
        evidence = {"shown_at": socket.opened_at, "combined": bool(socket.combined)}
        yield _ending(socket.station, _SHOWN, until, rule, now, evidence)
    newest = installed.order_by("station", "use", "-pk").distinct("station", "use")
    is_shown = shown.filter(
        Q(closed_at=None) | Q(opened_at__gte=OuterRef("ended_at")), station=OuterRef("station")
    )
    rows = SigningRequest.objects.filter(pk__in=newest.values("pk"), not_after__lt=soon)
    for row in rows.exclude(Q(use=_SHOWN) & Exists(is_shown)).select_related("station").order_by("pk"):
        evidence = {"signing_request_id": row.pk, "combined": row.combined}
        yield _ending(row.station, row.use, row.not_after or now, rule, now, evidence)


def _ending(
    station: Station, use: str, until: datetime, rule: IncidentRule, now: datetime, evidence: dict[str, Any]
) -> Found:
    urgent = until < now + timedelta(days=rule.params["critical_days"])
    over = until <= now
    return Found(
        station=station,
        place=use,
        since=now,
        severity=Severity.CRITICAL if urgent else None,
        title=f"{station.identity}: {use} {'has ended' if over else 'ends soon'}",
        summary=f"It {'ended' if over else 'ends'} on {until:%Y-%m-%d}, and the station "
        f"{'shows' if 'shown_at' in evidence else 'has'} none that lasts longer.",
        evidence={"use": use, "not_after": until, **evidence},
    )


def failed_certificates(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Stations that asked for a certificate, the last time in vain: refused, not brought, or not taken."""
    newer = SigningRequest.objects.filter(
        station=OuterRef("station"), use=OuterRef("use"), pk__gt=OuterRef("pk"), ended_at__isnull=False
    )
    rows = (
        SigningRequest.objects.filter(
            station__network=network,
            state__in=FAILED_SIGNING,
            ended_at__gte=now - timedelta(days=rule.params["days"]),
        )
        .exclude(reason=signing_requests.REPLACED)
        .exclude(Exists(newer.exclude(reason=signing_requests.REPLACED)))
        .select_related("station")
    )
    for row in rows.order_by("pk"):
        what = _FAILED[SigningState(row.state)]
        yield Found(
            station=row.station,
            place=row.use,
            since=row.ended_at or now,
            title=f"{row.station.identity}: {row.use} {what}",
            summary=f"{row.reason or 'Nobody said why.'} The station keeps the one it has, if it has one.",
            evidence={"use": row.use, "state": row.state, "signing_request_id": row.pk},
        )


def deviations(network: Network, rule: IncidentRule, now: datetime) -> Iterable[Found]:
    """Stations whose messages differ from OCPP too often; counts them on the way, every few minutes."""
    since = now - timedelta(seconds=rule.params["window_s"])
    busy = Deviation.objects.filter(station__network=network, last_at__gte=since)
    totals = {
        row["station"]: row["total"]
        for row in Deviation.objects.filter(station__in=busy.values("station"))
        .values("station")
        .annotate(total=Sum("count"))
    }
    counted = IncidentTally.objects.filter(rule=rule, what=DEVIATIONS)
    counted.filter(at__lt=since).delete()
    before = {
        row["station"]: row
        for row in counted.values("station").annotate(least=Min("amount"), newest=Max("at"))
    }
    IncidentTally.objects.bulk_create(
        IncidentTally(rule=rule, station_id=station_id, at=now, what=DEVIATIONS, amount=total)
        for station_id, total in totals.items()
        if station_id not in before or before[station_id]["newest"] <= now - COUNTS_EVERY
    )
    many = {
        station_id: total - before[station_id]["least"]
        for station_id, total in totals.items()
        if station_id in before and total - before[station_id]["least"] >= rule.params["count"]
    }
    for station in Station.objects.filter(pk__in=many):
        count = many[station.pk]
        yield Found(
            station=station,
            since=now,
            title=f"{station.identity} deviates from OCPP too often",
            summary=f"{count} deviations within {rule.params['window_s'] // 60} min; its page says which.",
            evidence={"deviations": count},
        )


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
