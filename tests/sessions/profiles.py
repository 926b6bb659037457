"""Charging profiles for tests, and stations that have some."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from emobi.core import clock, unit_of_work
from sessions.models import ChargingSession
from sessions.services import charging_sessions, installed_profiles
from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfileKind,
    ProfilePurpose,
    RateUnit,
    SchedulePeriod,
    SetChargingProfile,
)
from stations.models import Station
from tests.sessions.said import NOON, start_16, started, tell

MAX, DEFAULT, TX, EXTERNAL = (
    ProfilePurpose.STATION_MAX,
    ProfilePurpose.TX_DEFAULT,
    ProfilePurpose.TX,
    ProfilePurpose.EXTERNAL_CONSTRAINTS,
)


def schedule(limit: float = 16, unit: RateUnit = RateUnit.AMPERE, **more: Any) -> ChargingSchedule:
    """A schedule of one period."""
    period = {name: more.pop(name) for name in ("number_phases", "phase_to_use") if name in more}
    return ChargingSchedule(
        charging_rate_unit=unit,
        charging_schedule_period=(SchedulePeriod(start_period=0, limit=Decimal(str(limit)), **period),),
        **{"id": 1, "start_schedule": NOON, **more},
    )


def profile(purpose: ProfilePurpose = DEFAULT, number: int | None = 1, **more: Any) -> ChargingProfile:
    """An absolute profile that begins at noon."""
    schedules = more.pop("schedules", None) or (schedule(more.pop("limit", 16)),)
    return ChargingProfile(
        id=number,
        charging_profile_purpose=purpose,
        **{"charging_profile_kind": ProfileKind.ABSOLUTE, "charging_schedule": schedules, **more},
    )


def setting(evse_id: int, *args: Any, **more: Any) -> SetChargingProfile:
    """The command that sets `profile`."""
    return SetChargingProfile(evse_id=evse_id, charging_profile=profile(*args, **more))


def install(station: Station, evse_id: int, *args: Any, at: datetime = NOON, **more: Any) -> None:
    """The station took a profile."""
    with unit_of_work.begin(), clock.at(at):
        installed_profiles.accepted(station, setting(evse_id, *args, **more))


def charging(station: Station, **changes: Any) -> ChargingSession:
    """A session that runs at EVSE 1."""
    start = start_16 if station.ocpp_version == "1.6" else started
    return tell(charging_sessions.start, station, start(**changes)).session
