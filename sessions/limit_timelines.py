"""Charging profiles laid out in time: which limit each has, and which of them leads. Pure.

Times are whole seconds from the beginning of a window that is looked at; moments are cut to them, as OCPP
counts its periods. Recurrence is by the clock's hours: a day has 86,400 s whatever summer time says
(OCPP 1.6 errata 3.79).

Source: OCPP 2.0.1 part 2, section K.3 and K01.FR.11 to .13, .17, .30, .36, .37; OCPP 1.6, section 3.13.2 and
errata 3.43, 3.44.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfilePurpose,
    RateUnit,
    Recurrency,
    SchedulePeriod,
)

EVERY_S = {Recurrency.DAILY: 86400, Recurrency.WEEKLY: 7 * 86400}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A profile that a station has, at an EVSE or (0) for the whole of it."""

    evse_id: int
    profile: ChargingProfile


@dataclass(frozen=True, kw_only=True)
class Window:
    """``length_s`` seconds from ``since`` on; a transaction that began before has a negative ``began_s``."""

    since: datetime
    length_s: int
    began_s: int

    def second(self, moment: datetime) -> int:
        """``moment`` as seconds from ``since``, cut to whole ones."""
        return int((moment - self.since).total_seconds() // 1)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a schedule says from second ``start`` to before second ``end``."""

    start: int
    end: int
    period: SchedulePeriod
    unit: RateUnit
    purpose: ProfilePurpose


class Timeline:
    """The limits of one schedule: in order, never two at a time, with gaps where it says nothing."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._limits = sorted(limits, key=lambda limit: limit.start)
        self._starts = [limit.start for limit in self._limits]

    def at(self, second: int) -> Limit | None:
        """The limit that holds then; None where the schedule says nothing."""
        index = bisect_right(self._starts, second) - 1
        return self._limits[index] if index >= 0 and second < self._limits[index].end else None

    def edges(self) -> Iterator[int]:
        """The seconds at which its limit changes."""
        for limit in self._limits:
            yield limit.start
            yield limit.end


class Leading:
    """Schedules of which the highest that has a limit has its way; of equals all do."""

    def __init__(self, ranked: Iterable[tuple[tuple[int, ...], Timeline]]) -> None:
        """``ranked``: each with its rank; the highest counts."""
        in_order = sorted(ranked, key=lambda each: each[0], reverse=True)
        self._ranks = [
            [timeline for _, timeline in equals] for _, equals in groupby(in_order, lambda each: each[0])
        ]

    def at(self, second: int) -> list[Limit]:
        """The limits that hold then, all of them; none where no schedule has one."""
        for equals in self._ranks:
            found = [limit for timeline in equals if (limit := timeline.at(second)) is not None]
            if found:
                return found
        return []

    def edges(self) -> Iterator[int]:
        """The seconds at which its limits may change."""
        for equals in self._ranks:
            for timeline in equals:
                yield from timeline.edges()


def of_transaction(held: Sequence[Held], evse_id: int, window: Window) -> Leading:
    """What limits a transaction: its own profiles, and the default ones where those say nothing (K01.FR.17).

    A default of the EVSE overrules one of the whole station at the same level (OCPP 1.6 section 3.13.1; in
    2.0.1 there are no two such).
    """
    return Leading(
        ((purpose == ProfilePurpose.TX, one.profile.stack_level, one.evse_id != 0), timeline)
        for purpose in (ProfilePurpose.TX, ProfilePurpose.TX_DEFAULT)
        for one, timeline in _timelines(held, purpose, (0, evse_id), window)
    )


def of_purpose(held: Sequence[Held], purpose: ProfilePurpose, evse_id: int, window: Window) -> Leading:
    """What profiles of one purpose say at one place."""
    return Leading(
        ((one.profile.stack_level,), timeline)
        for one, timeline in _timelines(held, purpose, (evse_id,), window)
    )


def timeline(profile: ChargingProfile, schedule: ChargingSchedule, window: Window) -> Timeline:
    """What one schedule of a profile says within the window."""
    return Timeline(_limits(profile, schedule, window))


def _timelines(
    held: Sequence[Held], purpose: ProfilePurpose, evse_ids: Sequence[int], window: Window
) -> Iterator[tuple[Held, Timeline]]:
    for one in held:
        if one.profile.charging_profile_purpose == purpose and one.evse_id in evse_ids:
            for schedule in _in_force(one.profile):
                yield one, timeline(one.profile, schedule, window)


def _in_force(profile: ChargingProfile) -> Sequence[ChargingSchedule]:
    """Of the schedules that an EV may choose from, the first (K15.FR.18); external limits hold together."""
    if profile.charging_profile_purpose == ProfilePurpose.EXTERNAL_CONSTRAINTS:
        return profile.charging_schedule
    return profile.charging_schedule[:1]


def _limits(profile: ChargingProfile, schedule: ChargingSchedule, window: Window) -> Iterator[Limit]:
    start = window.began_s if schedule.start_schedule is None else window.second(schedule.start_schedule)
    valid_from = 0 if profile.valid_from is None else max(0, window.second(profile.valid_from))
    valid_to = (
        window.length_s if profile.valid_to is None else min(window.length_s, window.second(profile.valid_to))
    )
    every_s = None if profile.recurrency_kind is None else EVERY_S[profile.recurrency_kind]
    lasts_s = min(
        (bound for bound in (schedule.duration, every_s) if bound is not None), default=valid_to - start
    )
    if every_s is not None:
        # It begins when it is said to begin, not a round before (K01.FR.30).
        start += max(0, (valid_from - start) // every_s) * every_s
    while start < valid_to:
        for period, ends_s in _periods(schedule, lasts_s):
            begins, ends = max(start + period.start_period, valid_from), min(start + ends_s, valid_to)
            if begins < ends:
                yield Limit(
                    begins, ends, period, schedule.charging_rate_unit, profile.charging_profile_purpose
                )
        if every_s is None:
            return
        start += every_s


def _periods(schedule: ChargingSchedule, lasts_s: int) -> Iterator[tuple[SchedulePeriod, int]]:
    """Each period with the second of the schedule at which it ends."""
    periods = sorted(schedule.charging_schedule_period, key=lambda period: period.start_period)
    for period, following in pairwise(periods):
        yield period, min(following.start_period, lasts_s)
    if periods:
        yield periods[-1], lasts_s
