"""Which charging profile limits what, when."""

from datetime import UTC, datetime, timedelta

import pytest

from emobi.simulator.profiles import ChargingProfile, Period, ProfileStore, Purpose

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def profile(*periods, **changes):
    given = {
        "profile_id": 1,
        "evse_id": 1,
        "purpose": Purpose.TX_DEFAULT,
        "stack_level": 0,
        "kind": "Absolute",
        "unit": "W",
        "periods": tuple(Period(start_s=start, limit=limit) for start, limit in periods),
        "start": NOON,
        "wire": {},
    }
    return ChargingProfile(**{**given, **changes})


def store(*profiles):
    held = ProfileStore()
    for each in profiles:
        held.put(each)
    return held


def limit(held, minutes=0, began=NOON, **options):
    return held.limit_w(1, 3, NOON + timedelta(minutes=minutes), began, **options)


def test_periods_follow_each_other_until_the_duration_ends():
    held = store(profile((0, 4000), (600, 8000), duration_s=1200))
    assert [limit(held, minutes) for minutes in (-1, 0, 9, 10, 19, 20)] == [
        None,
        4000,
        4000,
        8000,
        8000,
        None,
    ]


def test_the_higher_stack_level_overrules_while_it_speaks():
    held = store(
        profile((0, 4000), profile_id=1, stack_level=0),
        profile((0, 9000), profile_id=2, stack_level=1, duration_s=600),
    )
    assert [limit(held, minutes) for minutes in (0, 11)] == [9000, 4000]


def test_a_transaction_profile_overrules_the_default_and_the_station_caps_both():
    held = store(
        profile((0, 4000), profile_id=1),
        profile((0, 9000), profile_id=2, purpose=Purpose.TX),
        profile((0, 12000), profile_id=3, purpose=Purpose.STATION_MAX, evse_id=0),
    )
    assert limit(held) == 9000
    assert limit(held, sharing=2) == 6000


def test_a_relative_profile_starts_with_the_transaction():
    held = store(profile((0, 4000), (60, 2000), kind="Relative", start=None))
    assert limit(held, 0, began=None) is None
    assert [limit(held, minutes) for minutes in (0, 1)] == [4000, 2000]


def test_a_recurring_profile_comes_back_each_day():
    daily = profile((0, 4000), kind="Recurring", recurrence=timedelta(days=1), duration_s=3600)
    assert [limit(store(daily), minutes) for minutes in (0, 61, 24 * 60, 25 * 60)] == [4000, None, 4000, None]


def test_validity_has_a_beginning_and_an_end():
    held = store(
        profile((0, 4000), valid_from=NOON + timedelta(minutes=5), valid_to=NOON + timedelta(minutes=9))
    )
    assert [limit(held, minutes) for minutes in (4, 5, 8, 9)] == [None, 4000, 4000, None]


def test_amperes_are_those_of_each_phase():
    assert limit(store(profile((0, 10), unit="A"))) == 6900


def test_a_profile_takes_the_place_of_its_id_and_of_its_level():
    held = store(profile((0, 1), profile_id=1), profile((0, 2), profile_id=1, stack_level=3))
    assert len(held) == 1
    held.put(profile((0, 3), profile_id=9, stack_level=3))
    assert [each.profile_id for each in held] == [9]


def test_clearing_needs_all_criteria_to_match():
    held = store(profile((0, 1), profile_id=1), profile((0, 2), profile_id=2, stack_level=3))
    assert held.clear(stack_level=3, evse_id=2) == 0
    assert held.clear(stack_level=3, evse_id=1) == 1
    assert held.clear() == 1


@pytest.mark.parametrize(
    ("periods", "changes"),
    [
        ([(1, 4000)], {}),
        ([(0, 4000), (0, 3000)], {}),
        ([], {}),
        ([(0, 4000)], {"start": None}),
        ([(0, 4000)], {"kind": "Relative"}),
    ],
)
def test_schedules_that_break_the_rules_are_known(periods, changes):
    assert not profile(*periods, **changes).well_formed
