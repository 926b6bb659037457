"""Charging profiles before they are sent: what we know is filled in, what may not be sent is refused.

Sources: OCPP 2.0.1 part 2, K01; OCPP 1.6, sections 3.13 and 5.16.
"""

import dataclasses
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from emobi.core import checks
from emobi.core.errors import Conflict, Invalid
from sessions import charging_abilities, held_profiles
from sessions.charging_abilities import Abilities
from sessions.models import ChargingSession, EvNegotiation, InstalledProfile, ProfileSource
from stations.commands.charging_profiles import (
    ChargingProfile,
    GetChargingProfiles,
    ProfilePurpose,
    SetChargingProfile,
)
from stations.commands.transactions import RemoteStart
from stations.models import Station

_LARGEST_ID = 2**31 - 1
_OF_STATION = (ProfilePurpose.STATION_MAX, ProfilePurpose.EXTERNAL_CONSTRAINTS)


def for_setting(station: Station, asked: SetChargingProfile) -> SetChargingProfile:
    """The profile with all ids, and the transaction that it is for.

    Without an id it gets that of the profile in whose place it comes, so that it replaces that one
    (K01.FR.05), or a new one.

    Raises:
        Invalid: If this station can't take it.
        Conflict: If no such transaction runs, or another profile has its place.
    """
    profile = asked.charging_profile
    _check_abilities(charging_abilities.of(station), profile, asked.evse_id)
    running = held_profiles.active(station)
    if profile.charging_profile_purpose == ProfilePurpose.TX:
        transaction_id = _transaction(running, asked.evse_id, profile.transaction_id)
        profile = dataclasses.replace(profile, transaction_id=transaction_id)
    if len(profile.charging_schedule) > 1:
        _check_choice(station, profile)
    found = held_profiles.held(held_profiles.rows(station), running)
    _check_phases(profile, found)
    profile = _named(profile, _id(station, asked.evse_id, profile, found))
    return dataclasses.replace(asked, charging_profile=profile)


def for_start(station: Station, asked: RemoteStart) -> RemoteStart:
    """The same for a profile that comes with a remote start, if one does; its transaction has no id yet."""
    profile = asked.charging_profile
    if profile is None:
        return asked
    _check_abilities(charging_abilities.of(station), profile, asked.evse_id or 0)
    if len(profile.charging_schedule) > 1:
        raise Invalid("An EV chooses between schedules only after it has told its needs (K01.FR.34).")
    profile = _named(profile, profile.id if profile.id is not None else new_id(station))
    return dataclasses.replace(asked, charging_profile=profile)


def for_query(station: Station, asked: GetChargingProfiles) -> GetChargingProfiles:
    """As it is, unless it names more ids than the station may be asked for.

    Raises:
        Invalid: If it does.
    """
    most = charging_abilities.of(station).most_profiles if asked.charging_profile_id else None
    if most is not None and len(asked.charging_profile_id) > most:
        raise Invalid(f"The station holds {most} profiles: it may not be asked for more ids at once.")
    return asked


def new_id(station: Station) -> int:
    """An id that no profile of the station has; one that we don't know of is unlikely to have it, too."""
    known = set(held_profiles.rows(station).values_list("profile_id", flat=True))
    while (chosen := secrets.randbelow(_LARGEST_ID) + 1) in known:
        pass
    return chosen


def _check_abilities(abilities: Abilities, profile: ChargingProfile, evse_id: int) -> None:
    most_level, most_periods = abilities.max_stack_level, abilities.periods_per_schedule
    if most_level is not None and profile.stack_level > most_level:
        raise Invalid(f"The station knows stack levels up to {most_level}.")
    for schedule in profile.charging_schedule:
        if abilities.rate_units and schedule.charging_rate_unit not in abilities.rate_units:
            units = " and ".join(sorted(abilities.rate_units))
            raise Invalid(f"The station takes limits in {units} only (K01.FR.26).")
        if most_periods is not None and len(schedule.charging_schedule_period) > most_periods:
            raise Invalid(f"The station takes {most_periods} periods a schedule.")
        chosen = any(period.phase_to_use is not None for period in schedule.charging_schedule_period)
        if chosen and not abilities.switches_phases(evse_id):
            raise Invalid("The EVSE isn't known to switch phases (K01.FR.20).")


def _transaction(running: Sequence[ChargingSession], evse_id: int, named: str | None) -> str:
    """The transaction that runs on the EVSE (K01.FR.03, .09, .33; OCPP 1.6 section 5.16.4)."""
    for session in running:
        if (named is None and session.evse_id == evse_id) or session.transaction_id == named:
            if session.evse_id not in (None, evse_id):
                raise Conflict(f"Transaction {named} runs on EVSE {session.evse_id}.")
            return session.transaction_id
    if named is None:
        raise Conflict(f"No transaction runs on EVSE {evse_id}.")
    raise Conflict(f"Transaction {named} doesn't run.")


def _check_choice(station: Station, profile: ChargingProfile) -> None:
    told = EvNegotiation.objects.filter(station=station, transaction_id=profile.transaction_id)
    if not told.exists():
        raise Conflict("The EV hasn't told its needs: it can't choose between schedules (K01.FR.34).")


def _check_phases(profile: ChargingProfile, found: Collection[InstalledProfile]) -> None:
    """A station's limit and a transaction's can't ask for two phases (errata 2.36)."""
    chosen, of_station = _chosen_phases(profile), profile.charging_profile_purpose in _OF_STATION
    for row in found if chosen else ():
        others = _chosen_phases(row.profile)
        if (row.purpose in _OF_STATION) != of_station and others and len(chosen | others) > 1:
            raise Conflict(f"Profile {row.profile_id} of EVSE {row.evse_id} is for another phase.")


def _chosen_phases(profile: ChargingProfile) -> set[int]:
    periods = (
        period for schedule in profile.charging_schedule for period in schedule.charging_schedule_period
    )
    return {period.phase_to_use for period in periods if period.phase_to_use is not None}


def _id(station: Station, evse_id: int, profile: ChargingProfile, found: Collection[InstalledProfile]) -> int:
    """The profile's id, once its place is known to be free, or its own."""
    external = {row.profile_id for row in found if row.source == ProfileSource.EXTERNAL}
    if profile.id is not None and profile.id in external:
        raise Conflict(f"{profile.id} is the id of an external limit: it can't be replaced (K01.FR.05).")
    rivals = [row for row in found if row.profile_id != profile.id and in_place(row, evse_id, profile)]
    replaced = [row for row in rivals if row.evse_id == evse_id]
    if profile.id is None and len(replaced) == 1:
        rivals.remove(replaced[0])
        profile = dataclasses.replace(profile, id=replaced[0].profile_id)
    # A 1.6 station replaces by itself what has the place (section 3.13.2).
    if rivals and station.ocpp_version != "1.6":
        where = " and ".join(f"profile {row.profile_id} of EVSE {row.evse_id}" for row in rivals)
        raise Conflict(f"{where} would be valid at the same time, on the same level (K01.FR.06, .39).")
    return profile.id if profile.id is not None else new_id(station)


def in_place(row: InstalledProfile, evse_id: int, profile: ChargingProfile) -> bool:
    """Whether a profile that is installed has the place of a new one: purpose, level, EVSE, at some time.

    A default of EVSE 0 is active on every EVSE, whenever it is valid (K01.FR.52, .53).
    """
    if (row.purpose, row.stack_level) != (profile.charging_profile_purpose, profile.stack_level):
        return False
    if profile.charging_profile_purpose == ProfilePurpose.TX:
        return row.transaction_id == profile.transaction_id
    if row.evse_id != evse_id:
        return 0 in (row.evse_id, evse_id) and profile.charging_profile_purpose == ProfilePurpose.TX_DEFAULT
    return _overlap((row.valid_from, row.valid_to), (profile.valid_from, profile.valid_to))


type _Span = tuple[datetime | None, datetime | None]


def _overlap(one: _Span, other: _Span) -> bool:
    (one_from, one_to), (other_from, other_to) = one, other
    return (one_from or checks.EARLIEST) < (other_to or checks.LATEST) and (other_from or checks.EARLIEST) < (
        one_to or checks.LATEST
    )


def _named(profile: ChargingProfile, profile_id: int) -> ChargingProfile:
    """With the ids that the wire needs; schedules are numbered from 1."""
    schedules = tuple(
        schedule if schedule.id is not None else dataclasses.replace(schedule, id=number)
        for number, schedule in enumerate(profile.charging_schedule, 1)
    )
    return dataclasses.replace(profile, id=profile_id, charging_schedule=schedules)
