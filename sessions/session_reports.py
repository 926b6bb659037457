"""Charging sessions of a time, added up by station."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncMonth

from sessions.authorization import AuthorizationStatus
from sessions.models import ChargingSession, SessionState

# `ChargingSession.energy_wh` and `duration_s`, as the database has them.
_DELIVERED = Case(
    When(meter_stop_wh__gte=F("meter_start_wh"), then=F("meter_stop_wh") - F("meter_start_wh")),
    When(meter_last_wh__gt=F("meter_start_wh"), then=F("meter_last_wh") - F("meter_start_wh")),
)
_ENDED = Q(ended_at__isnull=False, start_key__isnull=False)
_LASTED = Case(
    When(_ENDED & Q(ended_at__gte=F("started_at")), then=F("ended_at") - F("started_at")),
    When(_ENDED, then=F("heard_at") - F("received_at")),
)
# A driver who was refused, or got nothing.
_REFUSED = ~Q(authorization__in=["", AuthorizationStatus.ACCEPTED])
_FAILED = _REFUSED | (~Q(state=SessionState.ACTIVE) & Q(delivered_wh=0))
_SUMS: Mapping[str, Aggregate] = {
    "sessions": Count("pk"),
    **{state: Count("pk", filter=Q(state=state)) for state in SessionState.values},
    "energy": Sum("delivered_wh"),
    "duration": Sum("lasted"),
    "failed_starts": Count("pk", filter=_FAILED),
    "refused": Count("pk", filter=_REFUSED),
    "suspect": Count("pk", filter=~Q(suspect=[])),
}
_OUTCOMES = ("sessions", "failed_starts", "refused")


def by_station(
    station_ids: Collection[int], since: datetime, until: datetime
) -> Mapping[int, Mapping[str, Any]]:
    """What started at each of these stations within a time, by the stations' clocks; in two queries."""
    started = _started(station_ids, since, until)
    found = {station_id: _nothing() for station_id in station_ids}
    for row in started.values("station_id").annotate(**_SUMS):
        told: dict[str, Any] = dict(row)
        duration: timedelta | None = told.pop("duration")
        told["duration_s"] = int(duration.total_seconds()) if duration else 0
        told["energy_wh"] = told.pop("energy") or 0
        told["zero_energy"] = told["failed_starts"] - told["refused"]
        found[told.pop("station_id")] |= told
    reasons = started.exclude(reason="").values_list("station_id", "reason").annotate(Count("pk")).order_by()
    for station_id, reason, count in reasons:
        found[station_id]["reasons"][reason] = count
    return found


def starts(station_ids: Collection[int], since: datetime, until: datetime) -> Mapping[int, Mapping[str, int]]:
    """How many started at each of these stations, failed, were refused, got no energy; in one query."""
    found = {station_id: dict.fromkeys((*_OUTCOMES, "zero_energy"), 0) for station_id in station_ids}
    sums = {name: _SUMS[name] for name in _OUTCOMES}
    for row in _started(station_ids, since, until).values("station_id").annotate(**sums):
        told: dict[str, Any] = dict(row)
        told["zero_energy"] = told["failed_starts"] - told["refused"]
        found[told.pop("station_id")] = told
    return found


def outcomes_by_month(
    station_ids: Collection[int], since: datetime, until: datetime
) -> Mapping[tuple[int, datetime], Mapping[str, int]]:
    """By station and month (UTC), how many sessions started, were refused, failed, and got no energy.

    Months without any are left out. In one query.
    """
    of_each = _started(station_ids, since, until).values(
        "station_id", month=TruncMonth("started_at", tzinfo=UTC)
    )
    found: dict[tuple[int, datetime], Mapping[str, int]] = {}
    for row in of_each.annotate(**{name: _SUMS[name] for name in _OUTCOMES}):
        told: dict[str, Any] = dict(row)
        told["zero_energy"] = told["failed_starts"] - told["refused"]
        found[told.pop("station_id"), told.pop("month")] = told
    return found


def _started(station_ids: Collection[int], since: datetime, until: datetime) -> QuerySet[ChargingSession]:
    started = ChargingSession.objects.filter(
        station__in=station_ids, started_at__gte=since, started_at__lt=until
    )
    return started.alias(delivered_wh=_DELIVERED, lasted=_LASTED).order_by()


def _nothing() -> dict[str, Any]:
    counts = ("energy_wh", "duration_s", "failed_starts", "refused", "zero_energy", "suspect")
    return dict.fromkeys(("sessions", *SessionState.values, *counts), 0) | {"reasons": {}}
