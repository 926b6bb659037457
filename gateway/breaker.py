"""A circuit breaker: whoever fails again and again is left alone for a while. Pure; times are monotonic."""

import threading


class Breaker:
    """Closed: asked. Open: not asked for ``rest_s``; then one may try, and its success closes it again."""

    def __init__(self, *, failures: int, rest_s: float) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._failures = 0
        self._open_until: float | None = None
        self._lock = threading.Lock()

    def may_ask(self, now: float) -> bool:
        """Whether to ask now. Who is told so says how it went."""
        with self._lock:
            if self._open_until is None:
                return True
            if now < self._open_until:
                return False
            # One tries; the others wait for what comes of it.
            self._open_until = now + self._rest_s
            return True

    def succeeded(self) -> None:
        """It answered."""
        with self._lock:
            self._failures, self._open_until = 0, None

    def failed(self, now: float) -> bool:
        """It didn't; whether that opened it."""
        with self._lock:
            self._failures += 1
            opens = self._failures >= self._most and self._open_until is None
            if self._failures >= self._most:
                self._open_until = now + self._rest_s
            return opens
