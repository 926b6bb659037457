"""Group commit: a writer thread takes everything that waits for it, in one transaction.

A process has two writers, each with a connection to the database, and a station's work always goes to the
same: while PostgreSQL works for one, Python works for the other.

The first piece of work after idle is committed at once, then at most one commit every 10 ms; what
gathers meanwhile is the next batch. A batch that fails is rolled back and its pieces are done one by one, so
that only the poisonous one fails. While the database is away everything waits; after a while the work is
given up with `Unavailable`, and what comes then at once: stations that are told nothing will say it again. So
is work whose rows somebody else holds for as long, alone.

Nothing is told to a station before its commit: `Work.done` runs afterwards, on the event loop.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import LockNotAvailable

from emobi.core import clock, metrics

log = logging.getLogger(__name__)

WRITERS = 2
# At most one commit in so long: at a few hundred messages a second this halves the CPU of the whole.
COMMIT_EVERY_S = 0.010
# A batch larger than this makes the first of it wait too long.
LARGEST_BATCH = 400
RETRY_S = 0.25

# What is read and changed here, and where handshakes are judged, is found by its key. A plan is made once and
# kept, and one made while a table was small would read all of it each time, however large it has become.
_BY_KEY = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"

# Stations forget what they have an answer to. A database or a role may be set up to lose what it committed
# last; a server that was started so is one for tests (`emobi.embedded_postgresql.FAST`).
_DURABLE = (
    "SELECT set_config(name, 'on', false) FROM pg_settings"
    " WHERE name = 'synchronous_commit' AND setting = 'off' AND source <> 'command line'"
)

# A process that was stopped or vanished in the middle of a batch, or of a sweep, holds rows for which the
# next sockets of its stations wait, or those who would give it up: the database ends such a transaction.
_IDLE_S = 5
# When rows were held for too long, whoever needs none of them isn't kept waiting for each that does.
_LOCKED_MS = 100
# Whoever holds what so many in a row need holds what all of them need.
_LOCKED_IN_A_ROW = 10


class Unavailable(Exception):
    """The database has been away for too long; what was to be written is not."""


class Failed(Exception):
    """This piece of work can't be done, though the database is there; the cause is chained."""


class Work(Protocol):
    """A piece of work for a writer thread; works of one ``lane`` are done in their order."""

    @property
    def lane(self) -> int: ...

    def done(self, result: object) -> None:
        """Told on the event loop, after the commit; or given an `Unavailable` or a `Failed`."""


type Run[W: Work] = Callable[[Sequence[W]], Sequence[object]]


class Intake[W: Work]:
    """The writers of a process, in front of the database.

    Args:
        run: Does a batch within one transaction and returns a result for each; on a writer's thread.
        loop: Where results are told.
        hold_s: How long work waits for a database that is away.
    """

    def __init__(self, run: Run[W], loop: asyncio.AbstractEventLoop, *, hold_s: float) -> None:
        self._writers = [_Writer(run, loop, hold_s=hold_s) for _ in range(WRITERS)]

    @property
    def available(self) -> bool:
        """Whether the database was there when it was last needed."""
        return all(writer.available for writer in self._writers)

    @property
    def waiting(self) -> int:
        """How many pieces of work no batch has taken yet."""
        return sum(writer.queue.qsize() for writer in self._writers)

    @property
    def behind_s(self) -> float:
        """For how long the oldest piece of work waits for its commit."""
        return max(writer.behind_s for writer in self._writers)

    def held_up(self, at: datetime) -> bool:
        """Whether what happened ``at`` can be written only now because the database was away."""
        return any(writer.held_up(at) for writer in self._writers)

    def start(self) -> None:
        """Start the threads."""
        for writer in self._writers:
            writer.thread.start()

    def submit(self, work: W) -> None:
        """Queue a piece of work."""
        self._writers[work.lane % WRITERS].queue.put((time.monotonic(), work))

    async def stop(self) -> None:
        """Do what is queued, then end the threads."""
        for writer in self._writers:
            writer.queue.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.thread.join)


class _Writer[W: Work]:
    """A queue, and the thread behind it."""

    def __init__(self, run: Run[W], loop: asyncio.AbstractEventLoop, *, hold_s: float) -> None:
        self._run = run
        self._loop = loop
        self._hold_s = hold_s
        self._away_since: float | None = None
        # When the database was asked for what it hasn't done yet; None while it is asked for nothing.
        self._asked_at: float | None = None
        self._back_at = datetime.min.replace(tzinfo=UTC)
        # When the oldest piece of the batch in hand came; None while there is none.
        self._oldest_at: float | None = None
        # Each with when it came.
        self.queue: queue.SimpleQueue[tuple[float, W] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="intake", daemon=True)

    @property
    def available(self) -> bool:
        # A network that swallows everything fails nothing for a while.
        asked_at = self._asked_at
        return self._away_since is None and (asked_at is None or time.monotonic() - asked_at < self._hold_s)

    @property
    def behind_s(self) -> float:
        oldest_at = self._oldest_at
        return 0.0 if oldest_at is None else time.monotonic() - oldest_at

    def held_up(self, at: datetime) -> bool:
        return not self.available or at <= self._back_at

    def _work(self) -> None:
        last_commit = 0.0
        stopping = False
        while not stopping:
            batch = [self.queue.get()]
            pause = last_commit + COMMIT_EVERY_S - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            while len(batch) < LARGEST_BATCH:
                try:
                    batch.append(self.queue.get_nowait())
                except queue.Empty:
                    break
            stopping = None in batch
            works = [piece[1] for piece in batch if piece is not None]
            if works:
                self._oldest_at = next(piece[0] for piece in batch if piece is not None)
                results = self._together(works)
                last_commit = time.monotonic()
                self._oldest_at = self._asked_at = None
                self._loop.call_soon_threadsafe(_tell, works, results)
        connection.close()

    def _together(self, works: Sequence[W]) -> Sequence[object]:
        """The results of a batch, whatever it takes."""
        while True:
            try:
                return self._do(works)
            except (OperationalError, InterfaceError) as exc:
                if _reconnected():
                    # A deadlock or the like, or a restart that is over: the pieces are tried by themselves.
                    log.warning("batch of %d rolled back: %s", len(works), exc)
                    return self._one_by_one(works, locked=_is_locked(exc))
                if self._held_too_long(exc):
                    log.error("the database is away: %d pieces of work given up", len(works))
                    return [Unavailable(str(exc))] * len(works)
                time.sleep(RETRY_S)
            except Exception:
                if len(works) > 1:
                    log.warning("batch of %d rolled back", len(works), exc_info=True)
                return self._one_by_one(works)

    def _do(self, works: Sequence[W]) -> Sequence[object]:
        self._asked_at = self._asked_at or time.monotonic()
        results = self._run(works)
        self._asked_at = None
        if self._away_since is not None:
            self._away_since, self._back_at = None, clock.wall()
        return results

    def _held_too_long(self, cause: Exception) -> bool:
        """Note that the database is away, since it was asked and didn't answer.

        Who comes late to a long outage doesn't wait as long again.
        """
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now if self._asked_at is None else self._asked_at
            log.warning("answers wait for the database: %s", cause)
        return now - self._away_since >= self._hold_s

    def _one_by_one(self, works: Sequence[W], *, locked: bool = False) -> Sequence[object]:
        """The results of each done alone; ``locked``: somebody holds rows that one of them needs."""
        results: list[object] = []
        locked_in_a_row = 0
        for position, work in enumerate(works):
            if locked_in_a_row >= _LOCKED_IN_A_ROW:
                left = len(works) - position
                log.error("%d pieces of work given up, for rows are held that all need", left)
                results.extend([Unavailable("rows are held that all need")] * left)
                break
            if locked:
                _wait_for_locks(_LOCKED_MS)
            try:
                results.extend(self._do([work]))
                locked_in_a_row = 0
            except Exception as exc:
                if locked and _is_locked(exc):
                    log.error("given up, for its rows are held: %s", work)
                    results.append(Unavailable(str(exc)))
                    locked_in_a_row += 1
                    continue
                if isinstance(exc, OperationalError | InterfaceError) and not _reconnected():
                    return [*results, *self._together(works[position:])]
                log.exception("work failed: %s", work)
                results.append(_failed(exc))
        if locked:
            _wait_for_locks(_lock_timeout_ms())
        return results


# The threads whose connections are so, by the beginning of their names; and those beside the message path.
_THREADS = ("intake", "judge")
_CHORES = ("steward", "lease")


def _settle(connection: BaseDatabaseWrapper, **_: object) -> None:
    name = threading.current_thread().name
    if not name.startswith(_THREADS + _CHORES):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {_IDLE_S * 1000}")
        if name.startswith(_THREADS):
            cursor.execute(f"{_DURABLE}; {_BY_KEY}; SET lock_timeout = {_lock_timeout_ms()}")


def _lock_timeout_ms() -> int:
    """Rows that are held are as good as a database that is away."""
    return max(1000, int(settings.EMOBI_HOLD_S * 1000))


def _wait_for_locks(milliseconds: int) -> None:
    # A connection that is gone is noticed, and made again, by whoever does the next piece on it.
    with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {milliseconds}")


def _is_locked(exc: BaseException) -> bool:
    return isinstance(exc.__cause__, LockNotAvailable)


connection_created.connect(_settle)


def _failed(cause: Exception) -> Failed:
    failure = Failed(str(cause))
    failure.__cause__ = cause
    return failure


def _tell(works: Sequence[Work], results: Sequence[object]) -> None:
    metrics.BATCH_SIZE.observe(len(works))
    for work, result in zip(works, results, strict=True):
        try:
            work.done(result)
        except Exception:
            log.exception("result not taken: %s", work)


def _reconnected() -> bool:
    """Drop the connection, and see whether there is a database to connect to."""
    connection.close()
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
