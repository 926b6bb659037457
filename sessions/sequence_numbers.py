"""Which parts of a transaction have come: ranges ``[from, to]`` of sequence numbers, ascending and apart.

Parts come late, twice and in any order; the ranges are the same in the end.
Source: OCPP 2.0.1 part 2, E.1.3.2.
"""

from collections.abc import Sequence

from emobi.core import checks

type Ranges = list[list[int]]

# A station that leaves out every second number must not make rows without bound. What is forgotten beyond is
# the oldest: at worst a very late repetition is told twice, nothing is lost.
MOST_RANGES = 64


def possible(number: int | None) -> int | None:
    """``number``, or None for what no column holds."""
    return checks.sane_integer(number, 0)


def seen(ranges: Ranges, number: int) -> bool:
    """Whether this part has come before."""
    return any(first <= number <= last for first, last in ranges)


def with_number(ranges: Ranges, number: int) -> Ranges:
    """``ranges`` and ``number``."""
    if ranges and number == ranges[-1][1] + 1:  # the usual case
        return [*ranges[:-1], [ranges[-1][0], number]]
    if seen(ranges, number):
        return ranges
    merged: Ranges = []
    for first, last in sorted([*ranges, [number, number]]):
        if merged and first == merged[-1][1] + 1:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    return merged[-MOST_RANGES:]


def complete(ranges: Sequence[Sequence[int]], first: int, last: int) -> bool:
    """Whether every part from ``first`` to ``last`` has come."""
    return any(low <= first and last <= high for low, high in ranges)
