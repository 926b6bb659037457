"""How a 2.0.1 station answers block K, smart charging.

Source: OCPP 2.0.1 part 2, K01, K08 to K10. One schedule a profile: none of these EVs speaks ISO 15118.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import composite, times
from emobi.simulator.dialect import Reply, Report
from emobi.simulator.frames import Payload
from emobi.simulator.profiles import RECURRENCE, ChargingProfile, Period, Purpose

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def set_charging_profile(station: "Station", payload: Payload) -> Reply:
    evse_id, wire = payload["evseId"], payload["chargingProfile"]
    if wire["chargingProfilePurpose"] not in set(Purpose):
        return _rejected("InvalidProfile")  # external constraints don't come from the CSMS (K01.FR.22)
    profile = read_profile(wire, evse_id)
    if not station.evses.at(evse_id) or not profile.well_formed or len(wire["chargingSchedule"]) != 1:
        return _rejected("InvalidSchedule")
    if not _fits(station, evse_id, profile):
        return _rejected("InvalidProfile")
    station.profiles.put(profile)
    return Reply({"status": "Accepted"}, station.heed_limits)


def clear_charging_profile(station: "Station", payload: Payload) -> Reply:
    criteria = payload.get("chargingProfileCriteria", {})
    removed = station.profiles.clear(
        profile_id=payload.get("chargingProfileId"),
        evse_id=criteria.get("evseId"),
        purpose=criteria.get("chargingProfilePurpose"),
        stack_level=criteria.get("stackLevel"),
    )
    return Reply({"status": "Accepted" if removed else "Unknown"}, station.heed_limits)


def get_charging_profiles(station: "Station", payload: Payload) -> Reply:
    """All profiles here were set by the CSO."""
    wanted, evse_id = payload["chargingProfile"], payload.get("evseId")
    found = [
        profile
        for profile in station.profiles
        if evse_id in {None, profile.evse_id}
        and wanted.get("chargingProfilePurpose") in {None, profile.purpose.value}
        and wanted.get("stackLevel") in {None, profile.stack_level}
        and profile.profile_id in wanted.get("chargingProfileId", [profile.profile_id])
        and "CSO" in wanted.get("chargingLimitSource", ["CSO"])
    ]
    if not found:
        return Reply({"status": "NoProfiles"})
    return Reply({"status": "Accepted"}, partial(_tell_profiles, station, payload["requestId"], found))


def get_composite_schedule(station: "Station", payload: Payload) -> Reply:
    evse_id, duration_s = payload["evseId"], payload["duration"]
    if not station.evses.at(evse_id):
        return Reply({"status": "Rejected"})
    unit = payload.get("chargingRateUnit", "W")
    now = station.now()
    periods = composite.schedule(station, evse_id, now, timedelta(seconds=duration_s), unit)
    return Reply(
        {
            "status": "Accepted",
            "schedule": {
                "evseId": evse_id,
                "duration": duration_s,
                "scheduleStart": times.written(now),
                "chargingRateUnit": unit,
                "chargingSchedulePeriod": [
                    {"startPeriod": period.start_s, "limit": period.limit} for period in periods
                ],
            },
        }
    )


def read_profile(wire: Payload, evse_id: int) -> ChargingProfile:
    schedule = wire["chargingSchedule"][0]
    return ChargingProfile(
        profile_id=wire["id"],
        evse_id=evse_id,
        purpose=Purpose(wire["chargingProfilePurpose"]),
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
        transaction_id=wire.get("transactionId"),
        wire=wire,
    )


def _fits(station: "Station", evse_id: int, profile: ChargingProfile) -> bool:
    if profile.purpose is Purpose.STATION_MAX:
        return evse_id == 0 and profile.kind != "Relative"  # K01.FR.38
    if profile.purpose is Purpose.TX_DEFAULT:
        return True
    if evse_id == 0 or profile.transaction_id is None:
        return False
    session = station.evse(evse_id).session
    return session is not None and session.transaction_id == profile.transaction_id


async def _tell_profiles(station: "Station", request_id: int, profiles: Sequence[ChargingProfile]) -> None:
    """One report an EVSE; the last one says that none follows."""
    evse_ids = sorted({profile.evse_id for profile in profiles})
    for evse_id in evse_ids:
        payload = {
            "requestId": request_id,
            "chargingLimitSource": "CSO",
            "evseId": evse_id,
            "tbc": evse_id != evse_ids[-1],
            "chargingProfile": [profile.wire for profile in profiles if profile.evse_id == evse_id],
        }
        await station.tell(Report("ReportChargingProfiles", payload), asked=True)


def _rejected(reason_code: str) -> Reply:
    return Reply({"status": "Rejected", "statusInfo": {"reasonCode": reason_code}})
