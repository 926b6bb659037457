"""Our clock: one place that says what time it is, so that tests and message handlers can hold it still.

It is the machine's. In processes that live long it is the database's where the machine's is set to another
time while they run: that is the one that all of them share (`emobi.core.clock_steps`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache

# What a machine's clock may gain or lose between two looks without having been set.
STEP_S = 1.0

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)

# Unix time and monotonic time of one moment, when the first was last known to be right.
_right = time.time(), time.monotonic()


# Told on every look at a clock that isn't believed; where nobody would ask, the machine's always is.
_on_step: Callable[[], None] | None = None


def unix() -> float:
    """Unix time in seconds; as long as the machine's clock isn't believed it goes on from when it was."""
    global _right
    said, passed = time.time(), time.monotonic()
    right = _right[0] + passed - _right[1]
    if _on_step is None or -STEP_S < said - right < STEP_S:
        _right = said, passed
        return said
    _on_step()
    return right


def put_right(seconds: float, at: float) -> None:
    """Go on from Unix time ``seconds``, which it was at monotonic time ``at``."""
    global _right
    _right = seconds, at


def ask_on_step(ask: Callable[[], None]) -> None:
    """Have ``ask`` called, which finds out the time and then calls `put_right`; it must return at once."""
    global _on_step
    _on_step = ask


def wall() -> datetime:
    """The time by our clock, in UTC and whole milliseconds."""
    return datetime.fromtimestamp(int(unix() * 1000) / 1000, UTC)


def now() -> datetime:
    """When what is being done happened: the receipt of the message that is handled, else the time now."""
    return _held.get() or wall()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment``: what a message causes happened when the message arrived."""
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with ``Z`` and milliseconds: what stations and integrators can all read."""
    return None if moment is None else _iso(moment)


# A message's times are written again and again: in its samples, its rows, its events.
@lru_cache(maxsize=4096)
def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
