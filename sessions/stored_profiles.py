"""Charging profiles as JSON: in our database, in events and in the API. Pure.

What a station has need not keep the rules of what we set, so nothing is checked here.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from emobi.core import events
from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfileKind,
    ProfilePurpose,
    RateUnit,
    Recurrency,
    SchedulePeriod,
)

type Json = Mapping[str, Any]


def written(profile: ChargingProfile) -> dict[str, Any]:
    """The profile with every key, and null where it says nothing."""
    found: dict[str, Any] = events.plain(profile)
    return found


def read(content: Json) -> ChargingProfile:
    """The opposite of `written`, but for sales tariffs."""
    recurrency = content["recurrency_kind"]
    return ChargingProfile(
        id=content["id"],
        stack_level=content["stack_level"],
        charging_profile_purpose=ProfilePurpose(content["charging_profile_purpose"]),
        charging_profile_kind=ProfileKind(content["charging_profile_kind"]),
        recurrency_kind=None if recurrency is None else Recurrency(recurrency),
        valid_from=_moment(content["valid_from"]),
        valid_to=_moment(content["valid_to"]),
        transaction_id=content["transaction_id"],
        charging_schedule=tuple(schedule(each) for each in content["charging_schedule"]),
    )


def schedule(content: Json) -> ChargingSchedule:
    """One schedule."""
    return ChargingSchedule(
        id=content["id"],
        charging_rate_unit=RateUnit(content["charging_rate_unit"]),
        start_schedule=_moment(content["start_schedule"]),
        duration=content["duration"],
        min_charging_rate=_rate(content["min_charging_rate"]),
        charging_schedule_period=tuple(_period(each) for each in content["charging_schedule_period"]),
    )


def _period(content: Json) -> SchedulePeriod:
    return SchedulePeriod(
        start_period=content["start_period"],
        limit=Decimal(str(content["limit"])),
        number_phases=content["number_phases"],
        phase_to_use=content["phase_to_use"],
    )


def _rate(found: float | None) -> Decimal | None:
    return None if found is None else Decimal(str(found))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
