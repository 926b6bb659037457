"""Pings that find out whether a quiet station is still there."""

import asyncio
from collections.abc import Callable
from functools import partial

from gateway.reactor import LAST_LOOK_S, LOOP


class Pings:
    """Asks at an interval, and gives up when nothing was heard between a question and its time-out.

    Whatever is heard counts, not the pong alone: bytes of a long message on a slow link prove life as well.
    Times are the event loop's: monotonic seconds.
    """

    def __init__(self, *, timeout_s: float, ask: Callable[[], None], give_up: Callable[[], None]) -> None:
        self._timeout_s = timeout_s
        self._ask = ask
        self._give_up = give_up
        self._interval_s = self._heard_at = self._asked_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def every(self, interval_s: float) -> None:
        """Ask every ``interval_s`` from now on; 0: never. An open question is dropped."""
        self.stop()
        self._interval_s = interval_s
        if interval_s:
            self._timer = LOOP.call_later(interval_s, self._question)

    def again(self) -> None:
        """Start anew at the same interval."""
        self.every(self._interval_s)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def heard(self) -> None:
        self._heard_at = LOOP.time()

    def _question(self) -> None:
        self._asked_at = LOOP.time()
        self._ask()
        self._timer = LOOP.call_later(self._timeout_s, self._judge)

    def _judge(self, *, last: bool = False) -> None:
        if self._heard_at >= self._asked_at:
            self._timer = LOOP.call_later(max(0.0, self._interval_s - self._timeout_s), self._question)
        elif last:
            self._give_up()
        else:
            self._timer = LOOP.call_later(LAST_LOOK_S, partial(self._judge, last=True))
