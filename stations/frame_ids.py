"""Ids of frames: 64 bits that grow with time, so that a day is a range of ids.

Bits from the top: 1 unused, 41 milliseconds since 2020, 8 of a process, 14 a counter. Two processes with the
same 8 bits collide only when their counters meet in one millisecond; each starts at a random count.
"""

import itertools
import os
from datetime import UTC, date, datetime, time, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TAIL_BITS = 22
_LATEST_MS = (1 << 41) - 1

_process = os.urandom(1)[0]
# Several threads write frames; taking the next of an `itertools.count` can't be interrupted.
_counter = itertools.count(int.from_bytes(os.urandom(2)))


def new(moment: datetime) -> int:
    """An id for a frame of ``moment``; ids made one after the other for one moment keep their order."""
    return lowest(moment) | _process << 14 | next(_counter) & 0x3FFF


def lowest(moment: datetime) -> int:
    """The lowest id that a frame of ``moment`` can have; for ranges of time."""
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    return min(max(0, milliseconds), _LATEST_MS) << _TAIL_BITS


def first_of(day: date) -> int:
    """The lowest id of a day (UTC)."""
    return lowest(datetime.combine(day, time(), UTC))


def day_of(id: int) -> date:
    """The day (UTC) of a frame's id."""
    return (EPOCH + timedelta(milliseconds=id >> _TAIL_BITS)).date()
