"""GetCompositeSchedule (OCPP 2.0.1, use case K08): what all profiles together allow."""

import dataclasses
from typing import Any

from emobi.core import clock, events
from gateway import charging_rates, timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import charging_profiles, fields
from gateway.payloads import given
from stations.commands.charging_profiles import GetCompositeSchedule
from stations.commands.outcome import Outcome


def encode(command: GetCompositeSchedule) -> Payload:
    unit = command.charging_rate_unit
    return given(evseId=command.evse_id, duration=command.duration, chargingRateUnit=unit and unit.value)


def decode(payload: Payload) -> Outcome:
    outcome = fields.outcome(payload)
    schedule = payload.get("schedule")
    if schedule is None:
        return outcome
    return dataclasses.replace(outcome, detail={**outcome.detail, "schedule": _schedule(schedule)})


def _schedule(element: Payload) -> dict[str, Any]:
    periods = element["chargingSchedulePeriod"]
    return {
        "evse_id": element["evseId"],
        "schedule_start": clock.iso(timestamps.read(element["scheduleStart"])),
        "duration": charging_rates.seconds(element["duration"]),
        "charging_rate_unit": element["chargingRateUnit"],
        "charging_schedule_period": [
            events.plain(charging_profiles.parse_period(period)) for period in periods
        ],
    }
