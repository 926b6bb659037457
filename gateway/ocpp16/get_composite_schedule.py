"""GetCompositeSchedule (OCPP 1.6, section 5.7): what all profiles together allow."""

import dataclasses
from typing import Any

from emobi.core import clock, events
from gateway import charging_rates, timestamps
from gateway.adapter import Payload
from gateway.ocpp16 import fields
from gateway.payloads import given
from stations.commands.charging_profiles import GetCompositeSchedule, SchedulePeriod
from stations.commands.outcome import Outcome


def encode(command: GetCompositeSchedule) -> Payload:
    unit = command.charging_rate_unit
    return given(connectorId=command.evse_id, duration=command.duration, chargingRateUnit=unit and unit.value)


def decode(payload: Payload) -> Outcome:
    """All but the status may be missing; what is isn't made up."""
    outcome = fields.outcome(payload)
    if "chargingSchedule" not in payload:
        return outcome
    return dataclasses.replace(outcome, detail={**outcome.detail, "schedule": _schedule(payload)})


def _schedule(payload: Payload) -> dict[str, Any]:
    schedule = payload["chargingSchedule"]
    start = payload.get("scheduleStart", schedule.get("startSchedule"))
    duration = schedule.get("duration")
    return {
        "evse_id": payload.get("connectorId"),
        "schedule_start": clock.iso(timestamps.read(start)),
        "duration": None if duration is None else charging_rates.seconds(duration),
        "charging_rate_unit": schedule["chargingRateUnit"],
        "charging_schedule_period": [
            events.plain(_period(period)) for period in schedule["chargingSchedulePeriod"]
        ],
    }


def _period(element: Payload) -> SchedulePeriod:
    phases = element.get("numberPhases")
    return SchedulePeriod(
        start_period=charging_rates.seconds(element["startPeriod"]),
        limit=charging_rates.read(element["limit"]),
        number_phases=phases if phases in (1, 2, 3) else None,
    )
