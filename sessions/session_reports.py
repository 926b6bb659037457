"""Charging sessions of a time, added up by station."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Case, Count, F, Q, Sum, When

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


def by_station(
    station_ids: Collection[int], since: datetime, until: datetime
) -> Mapping[int, Mapping[str, Any]]:
    """What started at each of these stations within a time, by the stations' clocks; in two queries."""
    started = ChargingSession.objects.filter(
        station__in=station_ids, started_at__gte=since, started_at__lt=until
    )
    found = {station_id: _nothing() for station_id in station_ids}
    of_each = started.alias(delivered_wh=_DELIVERED, lasted=_LASTED).order_by().values("station_id")
    for row in of_each.annotate(**_SUMS):
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


def _nothing() -> dict[str, Any]:
    counts = ("energy_wh", "duration_s", "failed_starts", "refused", "zero_energy", "suspect")
    return dict.fromkeys(("sessions", *SessionState.values, *counts), 0) | {"reasons": {}}
