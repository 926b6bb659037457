from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sessions import sequence_numbers
from sessions.sequence_numbers import MOST_RANGES

NUMBERS = st.lists(st.integers(min_value=0, max_value=40), max_size=60)


def ranges_of(numbers):
    ranges = []
    for number in numbers:
        ranges = sequence_numbers.with_number(ranges, number)
    return ranges


@given(NUMBERS)
def test_exactly_the_numbers_that_came_have_been_seen(numbers):
    ranges = ranges_of(numbers)
    assert {number for number in range(45) if sequence_numbers.seen(ranges, number)} == set(numbers)


@given(NUMBERS.flatmap(lambda numbers: st.tuples(st.just(numbers), st.permutations(numbers))))
def test_the_order_of_numbers_leaves_no_trace(orders):
    one, other = orders
    assert ranges_of(one) == ranges_of(other)


@given(NUMBERS)
def test_ranges_ascend_and_never_touch(numbers):
    ranges = ranges_of(numbers)
    assert all(first <= last for first, last in ranges)
    assert all(earlier[1] + 1 < later[0] for earlier, later in pairwise(ranges))


def test_a_transaction_is_complete_when_no_number_is_missing():
    assert sequence_numbers.complete([[0, 5]], 0, 5)
    assert sequence_numbers.complete([[3, 9]], 4, 8)
    assert not sequence_numbers.complete([[0, 2], [4, 5]], 0, 5)
    assert not sequence_numbers.complete([], 0, 0)


def test_a_station_that_skips_numbers_makes_no_row_without_bound():
    ranges = ranges_of(range(0, 10 * MOST_RANGES, 2))
    assert len(ranges) == MOST_RANGES
    assert sequence_numbers.seen(ranges, 10 * MOST_RANGES - 2)


def test_numbers_that_ocpp_has_no_words_for_count_as_none():
    assert sequence_numbers.possible(2**31) is None
    assert sequence_numbers.possible(-1) is None
    assert sequence_numbers.possible(0) == 0
