"""Limits on what one peer may cost: failed sign-ins, and messages a second. No I/O; time is passed in."""

from collections import OrderedDict, deque

# Per address and identity, so that a guesser locks nobody out but itself (CWE-307).
FAILURES = 10
WINDOW_S = 60.0
LARGEST = 20_000

MESSAGES_PER_S = 50
BURST = 200


class FailedSignIns:
    """Counts failed sign-ins of the last minute for each (address, identity), in bounded memory."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def add(self, key: tuple[str, str], now: float) -> None:
        """Note a failure at ``now`` (seconds, monotonic)."""
        times = self._failures.setdefault(key, deque(maxlen=FAILURES))
        times.append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > LARGEST:
            self._failures.popitem(last=False)

    def wait_s(self, key: tuple[str, str], now: float) -> int:
        """Seconds until this peer may try again; 0 if it may now."""
        times = self._failures.get(key)
        if times is None or len(times) < FAILURES or now - times[0] >= WINDOW_S:
            return 0
        return int(WINDOW_S - (now - times[0])) + 1


class Pace:
    """How long a peer that sends faster than `MESSAGES_PER_S`, after a burst, is to be left unread."""

    __slots__ = ("_allowance", "_last")

    def __init__(self, now: float) -> None:
        self._allowance = float(BURST)
        self._last = now

    def pause_s(self, now: float) -> float:
        """Count one message at ``now``; the seconds to wait before the next is read."""
        self._allowance = min(BURST, self._allowance + (now - self._last) * MESSAGES_PER_S) - 1
        self._last = now
        return 0.0 if self._allowance >= 0 else -self._allowance / MESSAGES_PER_S
