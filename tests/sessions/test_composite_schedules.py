"""What profiles allow together: by example, and against a plain reading of the rules at every second."""

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.composite_schedules import Evse, of_evse, of_station
from sessions.limit_timelines import EVERY_S, Held
from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfileKind,
    ProfilePurpose,
    RateUnit,
    Recurrency,
    SchedulePeriod,
)

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY, HOUR = 86400, 3600
A, W = RateUnit.AMPERE, RateUnit.WATT
MAX, DEFAULT, TX, EXTERNAL = (
    ProfilePurpose.STATION_MAX,
    ProfilePurpose.TX_DEFAULT,
    ProfilePurpose.TX,
    ProfilePurpose.EXTERNAL_CONSTRAINTS,
)


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def held(purpose, *limits, evse_id=0, unit=A, level=0, start=0, duration=None, every=None, **more) -> Held:
    """A profile whose limits begin at given seconds of it: numbers, or (second, limit), or whole periods."""
    periods = [limit if isinstance(limit, tuple) else (0, limit) for limit in limits]
    kind = ProfileKind.RELATIVE if start is None else ProfileKind.ABSOLUTE
    phases = more.pop("phases", None)
    return Held(
        evse_id=evse_id,
        profile=ChargingProfile(
            charging_profile_purpose=purpose,
            charging_profile_kind=ProfileKind.RECURRING if every else kind,
            recurrency_kind=every,
            stack_level=level,
            charging_schedule=(
                ChargingSchedule(
                    charging_rate_unit=unit,
                    start_schedule=None if start is None else seconds(start),
                    duration=duration,
                    charging_schedule_period=tuple(
                        SchedulePeriod(start_period=begins, limit=Decimal(str(limit)), number_phases=phases)
                        for begins, limit in periods
                    ),
                ),
            ),
            **more,
        ),
    )


def composite(*profiles: Held, evse=None, unit=A, duration_s=DAY, since=NOON):
    """(second, limit) of each period at EVSE 1."""
    periods = of_evse(profiles, evse or Evse(evse_id=1), since=since, duration_s=duration_s, unit=unit)
    return [
        (period.start_period, period.limit if period.limit is None else float(period.limit))
        for period in periods
    ]


def test_without_a_profile_nothing_is_limited():
    assert composite() == [(0, None)]


def test_the_lowest_limit_of_all_purposes_counts():
    profiles = held(MAX, 20), held(DEFAULT, 32, (HOUR, 10)), held(EXTERNAL, 16)
    assert composite(*profiles) == [(0, 16), (HOUR, 10)]


def test_a_transactions_own_profile_overrules_the_default_while_it_lasts():
    profiles = held(DEFAULT, 10), held(TX, 25, evse_id=1, duration=HOUR)
    assert composite(*profiles) == [(0, 25), (HOUR, 10)]


def test_the_highest_stack_level_has_its_way_while_it_says_something():
    profiles = held(DEFAULT, 10), held(DEFAULT, 25, level=3, start=HOUR, duration=HOUR)
    assert composite(*profiles) == [(0, 10), (HOUR, 25), (2 * HOUR, 10)]


def test_the_example_of_the_specification_with_a_peak_and_its_exceptions():
    peak = held(DEFAULT, 2000, unit=W, level=1, start=5 * HOUR, duration=3 * HOUR, every=Recurrency.DAILY)
    weekend = held(DEFAULT, 999999, unit=W, level=2, start=6 * DAY, duration=DAY, every=Recurrency.WEEKLY)
    told = composite(peak, weekend, unit=W, duration_s=8 * DAY)
    assert told[:3] == [(0, None), (5 * HOUR, 2000), (8 * HOUR, None)]
    assert (6 * DAY, 999999) in told
    assert (6 * DAY + 5 * HOUR, 2000) not in told
    assert (7 * DAY + 5 * HOUR, 2000) in told


def test_a_recurring_schedule_begins_no_round_before_its_start():
    assert composite(held(MAX, 8, start=2 * HOUR, every=Recurrency.DAILY)) == [(0, None), (2 * HOUR, 8)]


def test_a_schedule_longer_than_its_recurrence_is_cut():
    profile = held(MAX, 8, (DAY + HOUR, 99), duration=2 * DAY, every=Recurrency.DAILY)
    assert composite(profile, duration_s=3 * DAY) == [(0, 8)]


def test_periods_past_the_duration_are_not_executed():
    assert composite(held(MAX, 8, (HOUR, 9), duration=HOUR)) == [(0, 8), (HOUR, None)]


def test_a_profile_counts_from_its_validity_to_before_its_end():
    profile = held(MAX, 8, start=-DAY, valid_from=seconds(60), valid_to=seconds(120))
    assert composite(profile) == [(0, None), (60, 8), (120, None)]


def test_a_relative_schedule_begins_with_the_transaction():
    profile = held(TX, 32, (HOUR, 6), evse_id=1, start=None)
    running = Evse(evse_id=1, began_at=seconds(-1800))
    assert composite(profile, evse=running) == [(0, 32), (1800, 6)]


def test_where_none_runs_a_transaction_is_taken_to_begin_now():
    assert composite(held(DEFAULT, 32, (HOUR, 6), start=None)) == [(0, 32), (HOUR, 6)]


def test_a_default_of_the_evse_overrules_one_of_the_station_at_its_level():
    profiles = held(DEFAULT, 32), held(DEFAULT, 10, evse_id=1), held(DEFAULT, 6, evse_id=2)
    assert composite(*profiles) == [(0, 10)]


def test_of_external_limits_at_one_level_the_lowest_counts():
    assert composite(held(EXTERNAL, 16), held(EXTERNAL, 12), held(EXTERNAL, 14, evse_id=1)) == [(0, 12)]


@pytest.mark.parametrize(
    ("phases", "limit", "said_phases", "amperes", "watts"),
    [
        (3, 11000, None, 15.9, 11000),
        (3, 3680, 1, 16, 3680),
        (1, 11000, None, 15.9, 3666.6),
        (None, 50000, None, 125, 50000),
    ],
)
def test_watts_become_amperes_of_each_phase(phases, limit, said_phases, amperes, watts):
    evse = Evse(evse_id=1, phases=phases, voltage_v=Decimal(400 if phases is None else 230))
    profile = held(MAX, limit, unit=W, phases=said_phases)
    assert composite(profile, evse=evse) == [(0, amperes)]
    assert composite(profile, evse=evse, unit=W) == [(0, watts)]


def test_the_fewest_phases_count():
    [period] = of_evse(
        [held(MAX, 16), held(DEFAULT, 16, phases=1)], Evse(evse_id=1), since=NOON, duration_s=DAY, unit=W
    )
    assert (period.limit, period.number_phases) == (Decimal("3680"), 1)


def test_it_is_told_who_limits():
    periods = of_evse(
        [held(MAX, 32), held(EXTERNAL, 10, start=HOUR)],
        Evse(evse_id=1, rated_w=Decimal(11000)),
        since=NOON,
        duration_s=DAY,
        unit=W,
    )
    assert [period.limited_by for period in periods] == [None, EXTERNAL]


def station(*profiles, evses=(), unit=A):
    periods = of_station(profiles, evses, since=NOON, duration_s=DAY, unit=unit, voltage_v=Decimal(230))
    return [
        (period.start_period, period.limit if period.limit is None else float(period.limit))
        for period in periods
    ]


def test_a_station_draws_what_its_evses_may_and_no_more_than_its_own_limit():
    evses = Evse(evse_id=1), Evse(evse_id=2)
    assert station(held(DEFAULT, 10), evses=evses) == [(0, 20)]
    assert station(held(DEFAULT, 10), held(MAX, 16, start=HOUR), evses=evses) == [(0, 20), (HOUR, 16)]
    assert station(held(DEFAULT, 10, evse_id=1), evses=evses) == [(0, None)]
    assert station(held(DEFAULT, 10), evses=()) == [(0, None)]


def test_direct_current_is_made_of_all_phases_alike():
    evse = Evse(evse_id=1, phases=None, voltage_v=Decimal(400), rated_w=Decimal(69000))
    assert station(evses=[evse]) == [(0, 100)]
    assert station(evses=[evse], unit=W) == [(0, 69000)]


# ── any profiles, against a plain reading of the rules ──────────────────────────────────────────────────

LENGTH = 3 * DAY
moments = st.integers(-2 * DAY, LENGTH).map(lambda second: second // 600 * 600)


@st.composite
def profiles(draw):
    purpose = draw(st.sampled_from(ProfilePurpose))
    evse_id = {MAX: 0, TX: 1}.get(purpose, draw(st.sampled_from([0, 1])))
    starts = sorted(
        {0, *draw(st.lists(st.integers(1, 2 * DAY).map(lambda s: s // 600 * 600 or 600), max_size=3))}
    )
    limits = [(start, draw(st.integers(0, 640)) / 10) for start in starts]
    valid = draw(st.none() | st.tuples(moments, st.integers(600, DAY)))
    relative = purpose in (TX, DEFAULT) and draw(st.booleans())
    every = None if relative else draw(st.sampled_from([None, *Recurrency]))
    return held(
        purpose,
        *limits,
        evse_id=evse_id,
        unit=draw(st.sampled_from(RateUnit)),
        level=draw(st.integers(0, 2)),
        start=None if relative else draw(moments),
        duration=draw(st.none() | st.integers(1, 2 * DAY)),
        every=every,
        phases=draw(st.sampled_from([None, 1, 3])),
        valid_from=valid and seconds(valid[0]),
        valid_to=valid and seconds(valid[0] + valid[1]),
    )


def plainly(profile: ChargingProfile, at: int, began: int) -> SchedulePeriod | None:
    """What a profile says at a second, read word by word."""
    schedule = profile.charging_schedule[0]
    now = seconds(at)
    if (profile.valid_from and now < profile.valid_from) or (profile.valid_to and now >= profile.valid_to):
        return None
    start = schedule.start_schedule or seconds(began)
    elapsed = (now - start).total_seconds()
    if elapsed < 0:
        return None
    if profile.recurrency_kind:
        elapsed %= EVERY_S[profile.recurrency_kind]
    if schedule.duration is not None and elapsed >= schedule.duration:
        return None
    return [period for period in schedule.charging_schedule_period if period.start_period <= elapsed][-1]


def amperes(one: Held, period: SchedulePeriod) -> Fraction:
    limit = Fraction(period.limit)
    unit = one.profile.charging_schedule[0].charging_rate_unit
    return limit if unit == A else limit / (230 * (period.number_phases or 3))


def leading(every: list[Held], purpose, evse_ids, at: int, began: int) -> list[Fraction]:
    speaking = [
        (one.profile.stack_level, purpose == DEFAULT and one.evse_id, amperes(one, period))
        for one in every
        if one.profile.charging_profile_purpose == purpose
        and one.evse_id in evse_ids
        and (period := plainly(one.profile, at, began))
    ]
    highest = max((each[:2] for each in speaking), default=None)
    return [each[2] for each in speaking if each[:2] == highest]


@settings(deadline=None, max_examples=150)
@given(
    every=st.lists(profiles(), max_size=5),
    began=st.integers(-DAY, 0),
    looked_at=st.lists(st.integers(0, LENGTH - 1), min_size=5, max_size=5),
)
def test_it_is_the_lowest_of_the_leading_limits_at_every_second(every, began, looked_at):
    evse = Evse(evse_id=1, began_at=seconds(began))
    periods = of_evse(every, evse, since=NOON, duration_s=LENGTH, unit=A)
    starts = [period.start_period for period in periods]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < LENGTH
    for at in {*looked_at, *starts}:
        limits = [
            *(leading(every, TX, (0, 1), at, began) or leading(every, DEFAULT, (0, 1), at, began)),
            *leading(every, MAX, (0,), at, 0),
            *leading(every, EXTERNAL, (0,), at, 0),
            *leading(every, EXTERNAL, (1,), at, began),
        ]
        told = [period.limit for period in periods if period.start_period <= at][-1]
        assert told == (Decimal(int(min(limits) * 10)) / 10 if limits else None)


@settings(deadline=None, max_examples=50)
@given(every=st.lists(profiles(), max_size=4), more=profiles())
def test_an_external_limit_never_raises_what_is_allowed(every, more):
    kept = [one for one in every if one.profile.charging_profile_purpose != EXTERNAL]
    external = Held(evse_id=0, profile=dataclasses.replace(more.profile, charging_profile_purpose=EXTERNAL))
    before, after = (
        of_evse(which, Evse(evse_id=1), since=NOON, duration_s=LENGTH, unit=W)
        for which in (kept, [*kept, external])
    )
    for second in {period.start_period for period in (*before, *after)}:
        was, now = (
            [period.limit for period in periods if period.start_period <= second][-1]
            for periods in (before, after)
        )
        assert was is None or (now is not None and now <= was)
