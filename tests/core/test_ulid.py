"""Ids that sort by their time."""

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


def test_ids_of_one_moment_differ():
    assert len({ulid.new() for _ in range(10_000)}) == 10_000
