"""When energy flowed, as readings tell."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sessions import energy_flow
from sessions.measurands import Figures

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def spans(*readings):
    """Minutes from when until when it flowed, after these (minute, Wh, W)."""
    return pairs("spans", *readings)


def gaps(*readings):
    """The same of which nobody can tell."""
    return pairs("gaps", *readings)


def pairs(name, *readings):
    known = None
    for minute, energy_wh, power_w in readings:
        told = Figures(
            energy_wh=None if energy_wh is None else Decimal(energy_wh),
            power_w=None if power_w is None else Decimal(power_w),
        )
        known = energy_flow.after(known, NOON + timedelta(minutes=minute), [told], since=NOON)
    if known is None or name not in known:
        return None
    noon = NOON.timestamp()
    return [((begin - noon) / 60, (end - noon) / 60) for begin, end in known[name]]


def test_it_flows_while_the_register_rises_by_as_much_as_an_ev_takes():
    told = [(0, 0, None), (15, 1000, None), (30, 2000, None), (45, 2005, None), (60, 3000, None)]
    assert spans(*told) == [(0, 30), (45, 60)]


def test_without_a_second_reading_soon_enough_nothing_is_known():
    assert spans() is None
    assert spans((0, 0, None)) is None
    assert spans((0, 0, None), (180, 9000, None)) is None
    assert spans((0, 0, None), (1, None, None)) is None
    assert spans((0, 0, None), (60, 0, None)) == []


def test_what_lies_between_readings_far_apart_is_left_out():
    assert spans((0, 0, None), (15, 1000, None), (180, 9000, None), (195, 9900, None)) == [
        (0, 15),
        (180, 195),
    ]


def test_of_what_lies_between_readings_far_apart_nobody_can_tell():
    told = [(0, 0, None), (15, 1000, None), (80, 1000, None), (180, 9000, None), (195, 9900, None)]
    assert gaps(*told[:3]) is None
    assert gaps(*told) == [(80, 180)]
    assert gaps(*told, (300, 9900, None), (400, 9900, None), (410, 9900, 7000)) == [(80, 180), (195, 400)]
    # Nor before the first.
    assert gaps((65, 0, None), (70, 0, None)) is None
    assert gaps((66, 0, None), (70, 0, None)) == [(0, 66)]


def test_without_a_register_a_power_holds_until_the_next():
    assert spans((0, None, 7000), (10, None, 7000), (20, None, 0), (30, None, 0)) == [(0, 20)]
    assert spans((0, None, -7000), (10, None, -7000)) == []


def test_a_coarse_register_stands_while_power_flows():
    assert spans((0, 0, 1400), (5, 0, 1400), (45, 1000, 1400), (50, 1000, 3)) == [(0, 45)]


def test_a_register_and_a_power_may_come_in_turn():
    assert spans((0, 0, None), (1, None, 7000), (15, 1700, None), (16, None, 7000)) == [(0, 16)]


def test_a_reading_that_comes_late_takes_back_nothing():
    assert spans((0, 9000, None), (15, 1000, None), (30, 9001, None), (45, 9900, None)) == [(30, 45)]


def test_what_is_told_at_once_has_no_length():
    assert spans((0, 0, None), (0, 5000, None), (0, 9000, None)) is None
    assert spans((0, 0, None), (0, 5000, None), (15, 5000, None)) == []


@given(st.lists(st.tuples(st.integers(1, 70), st.integers(0, 1)), max_size=300))
def test_spans_are_in_order_and_not_too_many(steps):
    minute, energy, told = 0, 0, [(0, 0, None)]
    for wait, flows in steps:
        minute, energy = minute + wait, energy + flows * wait * 100
        told.append((minute, energy, None))
    found = spans(*told) or []
    assert len(found) <= energy_flow.MOST_SPANS
    assert all(begin < end for begin, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    untold = gaps(*told) or []
    assert len(untold) <= energy_flow.MOST_SPANS
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(found + untold)))


def test_gaps_within_pauses_that_do_not_count_do_not_count_either():
    told = [(0, 0, None)]
    for number in range(energy_flow.MOST_SPANS + 1):
        told += [
            (100 * number + 10, 100 * number + 100, None),
            (100 * number + 100, 100 * number + 100, None),
        ]
    assert len(spans(*told)) == len(gaps(*told)) == energy_flow.MOST_SPANS
    assert spans(*told)[0] == (0, 110)
    assert gaps(*told)[0] == (110, 200)
