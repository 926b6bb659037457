"""How a 1.6 station answers the SmartCharging profile.

Source: OCPP 1.6 sections 3.13, 5.5, 5.7 and 5.16.
"""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import composite, times
from emobi.simulator.dialect import Reply
from emobi.simulator.frames import Payload
from emobi.simulator.profiles import RECURRENCE, ChargingProfile, Period, Purpose

if TYPE_CHECKING:
    from emobi.simulator.station import Station

PURPOSES = {
    "ChargePointMaxProfile": Purpose.STATION_MAX,
    "TxDefaultProfile": Purpose.TX_DEFAULT,
    "TxProfile": Purpose.TX,
}


def set_charging_profile(station: "Station", payload: Payload) -> Reply:
    connector_id = payload["connectorId"]
    profile = read_profile(payload["csChargingProfiles"], connector_id)
    if not _acceptable(station, connector_id, profile):
        return Reply({"status": "Rejected"})
    station.profiles.put(profile)
    return Reply({"status": "Accepted"}, partial(station.heed_limits))


def clear_charging_profile(station: "Station", payload: Payload) -> Reply:
    purpose = payload.get("chargingProfilePurpose")
    removed = station.profiles.clear(
        profile_id=payload.get("id"),
        evse_id=payload.get("connectorId"),
        purpose=None if purpose is None else PURPOSES[purpose],
        stack_level=payload.get("stackLevel"),
    )
    return Reply({"status": "Accepted" if removed else "Unknown"}, station.heed_limits)


def get_composite_schedule(station: "Station", payload: Payload) -> Reply:
    connector_id, duration_s = payload["connectorId"], payload["duration"]
    if connector_id > len(station.evses):
        return Reply({"status": "Rejected"})
    unit = payload.get("chargingRateUnit", "W")
    now = station.now()
    periods = composite.schedule(station, connector_id, now, timedelta(seconds=duration_s), unit)
    return Reply(
        {
            "status": "Accepted",
            "connectorId": connector_id,
            "scheduleStart": times.written(now),
            "chargingSchedule": {
                "duration": duration_s,
                "chargingRateUnit": unit,
                "chargingSchedulePeriod": [
                    {"startPeriod": period.start_s, "limit": period.limit} for period in periods
                ],
            },
        }
    )


def read_profile(wire: Payload, evse_id: int) -> ChargingProfile:
    schedule = wire["chargingSchedule"]
    transaction_id = wire.get("transactionId")
    return ChargingProfile(
        profile_id=wire["chargingProfileId"],
        evse_id=evse_id,
        purpose=PURPOSES[wire["chargingProfilePurpose"]],
        stack_level=wire["stackLevel"],
        kind=wire["chargingProfileKind"],
        unit=schedule["chargingRateUnit"],
        periods=tuple(
            Period(start_s=period["startPeriod"], limit=period["limit"])
            for period in schedule["chargingSchedulePeriod"]
        ),
        recurrence=RECURRENCE.get(wire.get("recurrencyKind", "")),
        start=times.read_optional(schedule.get("startSchedule")),
        duration_s=schedule.get("duration"),
        valid_from=times.read_optional(wire.get("validFrom")),
        valid_to=times.read_optional(wire.get("validTo")),
        transaction_id=None if transaction_id is None else str(transaction_id),
        wire=wire,
    )


def _acceptable(station: "Station", connector_id: int, profile: ChargingProfile) -> bool:
    if connector_id > len(station.evses) or not profile.well_formed:
        return False
    if profile.purpose is Purpose.STATION_MAX:
        return connector_id == 0
    if profile.purpose is Purpose.TX_DEFAULT:
        return True
    if connector_id == 0:
        return False
    session = station.evse(connector_id).session
    return session is not None and profile.transaction_id in {None, str(session.number)}
