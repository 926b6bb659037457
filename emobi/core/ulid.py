"""ULIDs: 26 characters that sort by the time they were made. Source: the ULID specification."""

import os
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


def new() -> str:
    """A new ULID: 48 bits of milliseconds, 80 bits of randomness."""
    number = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10))
    return "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(120, -1, -10)])
