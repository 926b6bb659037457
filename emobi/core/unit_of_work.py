"""One transaction with its buffers: facts and changes commit together, nudges go out afterwards.

Order inside a unit of work: the caller's own writes; then each buffer, in the order of its first use; then
the events, last, because their sequence numbers hold a lock on the network until the commit; after the
commit the nudges. Nudges may be lost (`emobi.core.nudge`), nothing else may.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from django.db import transaction

from emobi.core import nudge


class Buffer(Protocol):
    """Writes gathered in a unit of work, made in as few statements as possible."""

    def flush(self) -> None:
        """Write everything gathered; called once, inside the transaction."""


class NoUnitOfWork(RuntimeError):
    """A fact was recorded outside a unit of work: it could be published without being true."""


class UnitOfWork:
    """What one transaction has gathered so far."""

    def __init__(self) -> None:
        self._buffers: dict[type, Buffer] = {}
        self._last: dict[type, Buffer] = {}
        self._nudges: dict[str, set[str]] = {}

    def buffer[B: Buffer](self, kind: type[B], *, last: bool = False) -> B:
        """The buffer of this kind, made at its first use; ``last`` ones are flushed after all others."""
        home = self._last if last else self._buffers
        found = home.get(kind)
        if not isinstance(found, kind):
            found = home[kind] = kind()
        return found

    def nudge(self, group: str, about: str = "") -> None:
        """Wake ``group`` after the commit, once, with all that was said to be ``about``."""
        abouts = self._nudges.setdefault(group, set())
        if about:
            abouts.add(about)

    def flush(self) -> None:
        """Write all buffers. One that is flushed may fill another that comes later."""
        for home in (self._buffers, self._last):
            while home:
                kind = next(iter(home))
                home.pop(kind).flush()

    def send_nudges(self) -> None:
        """Wake those who wait for what was committed."""
        nudges, self._nudges = self._nudges, {}
        nudge.send({group: sorted(abouts) for group, abouts in nudges.items()})


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def current() -> UnitOfWork:
    """The open unit of work.

    Raises:
        NoUnitOfWork: If none is open.
    """
    work = _current.get()
    if work is None:
        raise NoUnitOfWork("no unit of work is open")
    return work


@contextmanager
def begin() -> Iterator[UnitOfWork]:
    """Open a unit of work, or join the one that is open already (then the outer one writes and commits)."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    work = UnitOfWork()
    token = _current.set(work)
    try:
        with transaction.atomic():
            yield work
            work.flush()
            transaction.on_commit(work.send_nudges)
    finally:
        _current.reset(token)
