"""ULIDs: 26 characters that sort by the time they were made. Source: the ULID specification."""

import random
import time
from datetime import datetime
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


def new() -> str:
    """A new ULID: 48 bits of milliseconds, 80 bits of randomness."""
    number = random.getrandbits(80)
    return _time(time.time_ns() // 1_000_000) + "".join(
        [_PAIRS[(number >> shift) & 0x3FF] for shift in range(70, -1, -10)]
    )


def lowest(moment: datetime) -> str:
    """The least of the ULIDs that are made from ``moment`` on."""
    return _time(max(0, int(moment.timestamp() * 1000))) + "0" * 16


# Many are made in a millisecond.
@lru_cache(maxsize=4)
def _time(milliseconds: int) -> str:
    return "".join([_PAIRS[(milliseconds >> shift) & 0x3FF] for shift in range(40, -1, -10)])
