import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from stations import frame_ids

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_ids_made_for_one_moment_keep_their_order_and_differ():
    made = [frame_ids.new(NOON) for _ in range(1000)]
    # The count starts anywhere and turns over once at most.
    turns = sum(later < earlier for earlier, later in itertools.pairwise(made))
    assert len(set(made)) == 1000
    assert turns <= 1


def test_ids_grow_with_time():
    assert (
        frame_ids.new(NOON)
        < frame_ids.lowest(NOON + timedelta(milliseconds=1))
        <= frame_ids.new(NOON + timedelta(milliseconds=1))
    )


def test_a_day_is_a_range_of_ids():
    low, high = frame_ids.first_of(date(2026, 5, 4)), frame_ids.first_of(date(2026, 5, 5))
    assert low <= frame_ids.new(datetime(2026, 5, 4, tzinfo=UTC)) < high
    assert low <= frame_ids.new(datetime(2026, 5, 4, 23, 59, 59, 999_000, UTC)) < high


@pytest.mark.parametrize("year", [1999, 2020, 2088, 2100, 9999])
def test_ids_fit_into_64_bits(year):
    assert 0 <= frame_ids.new(datetime(year, 1, 1, tzinfo=UTC)) < 2**63
