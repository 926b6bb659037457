"""Ids that sort by their time."""

import itertools
import time

from emobi.core import ulid


def milliseconds(made: str) -> int:
    """The time in an id, as the specification has it: the first ten characters, five bits each."""
    number = 0
    for character in made[:10]:
        number = number << 5 | ulid.ALPHABET.index(character)
    return number


def test_an_id_begins_with_its_time_in_milliseconds():
    before = time.time_ns() // 1_000_000
    made = ulid.new()
    assert before <= milliseconds(made) <= time.time_ns() // 1_000_000
    assert len(made) == 26
    assert set(made) <= set(ulid.ALPHABET)


def test_ids_of_one_moment_differ_and_sort_as_they_were_made():
    made = [ulid.new() for _ in range(10_000)]
    assert len(set(made)) == 10_000
    assert made == sorted(made)
    assert len({milliseconds(each) for each in made}) < 10_000


def test_where_the_next_one_is_cannot_be_guessed():
    numbers = [_number(ulid.new()) for _ in range(1000)]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    assert len(steps) == 999


def _number(made: str) -> int:
    number = 0
    for character in made[10:]:
        number = number << 5 | ulid.ALPHABET.index(character)
    return number
