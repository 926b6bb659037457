"""ULIDs: 26 characters that sort by the time they were made. Source: the ULID specification."""

import random
from datetime import datetime
from functools import lru_cache

from emobi.core import clock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


# Of the newest here: its millisecond, and its number in that.
_newest = (0, 0)


def new() -> str:
    """A new ULID: 48 bits of milliseconds, 80 bits of randomness.

    Those of one process sort as they were made, also within a millisecond (specification, "Monotonicity"):
    by steps that nobody can guess, so that threads don't meet, nor processes of which one forked the other.
    """
    global _newest
    now = int(clock.unix() * 1000)
    then, number = _newest
    number = number + random.getrandbits(40) + 1 if now == then else random.getrandbits(79)
    _newest = now, number
    return _time(now) + "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(70, -1, -10)])


def lowest(moment: datetime) -> str:
    """The least of the ULIDs that are made from ``moment`` on."""
    return _time(max(0, int(moment.timestamp() * 1000))) + "0" * 16


# Many are made in a millisecond.
@lru_cache(maxsize=4)
def _time(milliseconds: int) -> str:
    return "".join([_PAIRS[(milliseconds >> shift) & 0x3FF] for shift in range(40, -1, -10)])
