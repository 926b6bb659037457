"""What we know and tell beside a station's answer to a command, by command.

A function of this table gets the station, the command as it was said, and what came of it; it answers with
more members for the outcome's detail.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from emobi.core import clock
from sessions import held_profiles
from stations.commands.charging_profiles import GetCompositeSchedule, RateUnit, SetChargingProfile
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStart
from stations.models import Station

type Detail = Mapping[str, Any]


def added(name: str, station: Station, asked: object, outcome: Outcome) -> Outcome:
    """The outcome with what we add to it."""
    add = ADDITIONS.get(name)
    if add is None:
        return outcome
    return dataclasses.replace(outcome, detail={**outcome.detail, **add(station, asked, outcome)})


def _profile_set(station: Station, asked: SetChargingProfile, outcome: Outcome) -> Detail:
    """Its id may have been chosen by us."""
    return {"charging_profile_id": asked.charging_profile.id}


def _profile_of_start(station: Station, asked: RemoteStart, outcome: Outcome) -> Detail:
    return {} if asked.charging_profile is None else {"charging_profile_id": asked.charging_profile.id}


def _computed(station: Station, asked: GetCompositeSchedule, outcome: Outcome) -> Detail:
    """Our own composite schedule, from the same moment on and in the same unit as the station's."""
    theirs = outcome.detail.get("schedule", {})
    start, unit = theirs.get("schedule_start"), theirs.get("charging_rate_unit")
    composite = held_profiles.composite(
        station,
        evse_id=asked.evse_id,
        since=clock.now() if start is None else datetime.fromisoformat(start),
        duration_s=asked.duration,
        unit=RateUnit(unit) if unit else asked.charging_rate_unit or RateUnit.WATT,
    )
    return {"computed": held_profiles.told(composite)}


ADDITIONS: Mapping[str, Callable[[Station, Any, Outcome], Detail]] = {
    "get_composite_schedule": _computed,
    "remote_start": _profile_of_start,
    "set_charging_profile": _profile_set,
}
