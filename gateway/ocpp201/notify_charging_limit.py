"""NotifyChargingLimit (OCPP 2.0.1, use cases K11 and K12): an external system limits charging."""

import dataclasses

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp201 import charging_profiles
from sessions.reports import LimitReport
from sessions.services import external_limits
from stations.commands.charging_profiles import LimitSource
from stations.models import Station


def parse(payload: Payload) -> LimitReport:
    """Translate NotifyChargingLimitRequest; a schedule without a start begins with its message."""
    limit, now = payload["chargingLimit"], clock.now().replace(microsecond=0)
    schedules = [charging_profiles.parse_schedule(each) for each in payload.get("chargingSchedule", ())]
    return LimitReport(
        limit_source=LimitSource(limit["chargingLimitSource"]),
        evse_id=payload.get("evseId", 0),
        grid_critical=limit.get("isGridCritical"),
        schedules=tuple(
            dataclasses.replace(schedule, start_schedule=schedule.start_schedule or now)
            for schedule in schedules
        ),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the limit, and whose it is."""
    external_limits.set_limit(station, parse(payload))
    return {}
