"""Our clock: one place that says what time it is, so that tests and message handlers can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)


def wall() -> datetime:
    """The time by our clock, in UTC and whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


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
