"""Limits on what one peer may cost: failed sign-ins, sockets, messages. No I/O; time is passed in."""

import math
from collections import OrderedDict, deque

# Per address and identity, so that a guesser locks nobody out but itself (CWE-307).
FAILURES = 10
WINDOW_S = 60.0
LARGEST = 20_000

# Sockets of one station: so many in a row, then one in so long. Two chargers with one identity take it from
# each other without end; one whose network comes and goes, or that reboots, opens far fewer.
SOCKETS = 30
SOCKET_EVERY_S = 6.0

MESSAGES_PER_S = 50
BURST = 200
# A long message takes its time: each so many characters of it count as a message more.
MORE_CHARACTERS = 32 * 1024


class FailedSignIns:
    """Counts failed sign-ins of the last minute for each (address, identity), in bounded memory."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._held: OrderedDict[tuple[str, str], float] = OrderedDict()

    def add(self, key: tuple[str, str], now: float) -> None:
        """Note a failure at ``now`` (seconds, monotonic)."""
        times = self._failures.setdefault(key, deque(maxlen=FAILURES))
        times.append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > LARGEST:
            self._failures.popitem(last=False)

    def hold(self, key: tuple[str, str], until: float) -> None:
        """Note that this peer has to wait until then, for it has failed often enough elsewhere."""
        self._held[key] = until
        self._held.move_to_end(key)
        while len(self._held) > LARGEST:
            self._held.popitem(last=False)

    def wait_s(self, key: tuple[str, str], now: float) -> int:
        """Seconds until this peer may try again; 0 if it may now."""
        until = self._held.get(key, now)
        times = self._failures.get(key)
        if times is not None and len(times) >= FAILURES:
            until = max(until, times[0] + WINDOW_S)
        return int(until - now) + 1 if until > now else 0


class Openings:
    """How often each station (its id) has opened a socket lately, in bounded memory."""

    def __init__(self) -> None:
        # How many are left, and when that was.
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def wait_s(self, station_id: int, now: float) -> int:
        """Count a socket at ``now`` (seconds, monotonic): 0; or the seconds until it may be opened."""
        left, then = self._left.pop(station_id, (float(SOCKETS), now))
        left = min(SOCKETS, left + (now - then) / SOCKET_EVERY_S)
        may = left >= 1
        self._left[station_id] = left - 1 if may else left, now
        while len(self._left) > LARGEST:
            self._left.popitem(last=False)
        return 0 if may else max(1, math.ceil((1 - left) * SOCKET_EVERY_S))


class Pace:
    """How long a peer that sends faster than `MESSAGES_PER_S`, after a burst, is to be left unread."""

    __slots__ = ("_allowance", "_last")

    def __init__(self, now: float) -> None:
        self._allowance = float(BURST)
        self._last = now

    def pause_s(self, now: float, length: int = 0) -> float:
        """Count a message of so many characters at ``now``; the seconds to wait before the next is read."""
        allowance = min(BURST, self._allowance + (now - self._last) * MESSAGES_PER_S)
        self._allowance = allowance - 1 - length // MORE_CHARACTERS
        self._last = now
        return 0.0 if self._allowance >= 0 else -self._allowance / MESSAGES_PER_S
