"""One transaction with its buffers: facts and changes commit together, nudges go out afterwards.

Order inside a unit of work: the caller's own writes; then each buffer, in the order of its first use; then
the events, last, because their sequence numbers hold a lock on the network until the commit; after the
commit the nudges. Nudges may be lost (`emobi.core.nudge`), nothing else may. What the buffers write and the
commit are one trip to the database.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, runtime_checkable

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from emobi.core import batch, nudge
from emobi.core.batch import Found, Query


class Buffer(Protocol):
    """Writes gathered in a unit of work, made in as few statements as possible."""

    def flush(self) -> Sequence[Query]:
        """What writes everything gathered; called once, inside the transaction."""


@runtime_checkable
class Reading(Protocol):
    """A buffer that reads, for all messages of a batch at once, what they are said to need."""

    def wanted(self) -> Query | None:
        """What reads all that is expected; None if nothing is."""

    def take_in(self, found: Found) -> None:
        """Given what that returned."""


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

    def read_ahead(self) -> None:
        """Have all buffers read what they expect, in one trip to the database."""
        reading = [
            (buffer, query)
            for buffer in self._buffers.values()
            if isinstance(buffer, Reading) and (query := buffer.wanted())
        ]
        if reading:
            answers = batch.execute_all([query for _, query in reading])
            for (buffer, _), found in zip(reading, answers, strict=True):
                buffer.take_in(found)

    def flush(self, *, commit: bool = False) -> None:
        """Write all buffers, and commit with it if told so. One that is flushed may fill a later one."""
        queries: list[Query] = []
        for home in (self._buffers, self._last):
            while home:
                kind = next(iter(home))
                queries.extend(home.pop(kind).flush())
        if queries:
            batch.execute_all(queries, commit=commit)

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
    wrapper = connections[DEFAULT_DB_ALIAS]
    within = wrapper.in_atomic_block
    try:
        with transaction.atomic():
            yield work
            transaction.on_commit(work.send_nudges)
            work.flush(commit=not within and not wrapper.needs_rollback)
    finally:
        _current.reset(token)
