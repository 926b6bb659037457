"""The newest events of a network, read once for all clients of this process that stream them.

A nudge says that events were recorded; without one the table is looked at every second. Numbers are given in
the order of commits and without gaps, so that what comes after the last one read is all that is new. What was
read is kept for a moment: a client that is further behind is read to from the table.
"""

import asyncio
import bisect
import contextlib
import contextvars
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

import orjson
from django.db import Error as DatabaseFailed
from django.db import close_old_connections, connections

from emobi.core import clock, cloudevents, metrics, nudge, selectors
from emobi.core.models import Event, Network

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# A nudge comes with every commit; reads that are closer together than this would find little each.
READ_EVERY_S = 0.01
# Events of one read; one may be a megabyte.
AT_ONCE = 200
# What is kept in memory of a network, and what is written to a client at once.
KEPT_BYTES = 8 << 20
CHUNK_BYTES = 1 << 18
# Threads that read for clients that are behind; the tails have one of their own, that none of them delays.
BACKLOG_THREADS = 2
CLOSE_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a client asked for; None: all types, or all stations."""

    types: frozenset[str] | None = None
    station: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it goes over the wire."""

    sequence: int
    type: str
    station: str | None
    time: datetime
    frame: bytes

    def is_for(self, wanted: Wanted) -> bool:
        return (wanted.types is None or self.type in wanted.types) and (
            wanted.station is None or self.station == wanted.station
        )


class Tail:
    """The end of a network's events. ``position`` is the sequence number of the last one that was read."""

    def __init__(self, network: Network, tails: "Tails") -> None:
        self._network = network
        self._tails = tails
        self._recent: list[Told] = []
        self._recent_bytes = 0
        self._news = asyncio.Event()
        self.position = 0
        self.clients = 0
        # A context of its own: it is no part of the request that happens to be the first.
        self._task = asyncio.create_task(self._run(), context=contextvars.Context())

    def stop(self) -> None:
        self._task.cancel()

    async def news(self, timeout_s: float) -> None:
        """Wait until there is something to look at, or the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()

    def wake(self) -> None:
        """Have every client look."""
        self._news.set()
        self._news = asyncio.Event()

    async def after(self, sequence: int, wanted: Wanted) -> tuple[int, bytes]:
        """What a client that has everything up to ``sequence`` is told next, and up to where it then has it.

        Raises:
            django.db.Error: If it has to be read and can't be.
        """
        position = self.position
        if sequence >= position:
            return sequence, b""
        if self._recent and sequence >= self._recent[0].sequence - 1:
            return self._from_memory(sequence, wanted)
        told = await self._tails.backlog(
            lambda: _read(self._network, after=sequence, upto=position, wanted=wanted)
        )
        # A page that isn't full has all that there is up to where the tail was.
        reached = told[-1].sequence if len(told) == AT_ONCE else position
        return reached, b"".join(each.frame for each in told)

    def _from_memory(self, sequence: int, wanted: Wanted) -> tuple[int, bytes]:
        frames: list[bytes] = []
        size = 0
        first = bisect.bisect_right(self._recent, sequence, key=lambda told: told.sequence)
        for told in self._recent[first:]:
            sequence = told.sequence
            if told.is_for(wanted):
                frames.append(told.frame)
                size += len(told.frame)
                if size >= CHUNK_BYTES:
                    break
        return sequence, b"".join(frames)

    async def _run(self) -> None:
        """Follow the table. Neither Redis nor the database being away ends it."""
        begun = False
        while True:
            try:
                if not begun:
                    last = await self._tails.newest(lambda: selectors.last_sequence(self._network))
                    self.position, begun = last, True
                    self.wake()
                async with nudge.listening(f"live.{self._network.pk}") as nudges:
                    await self._follow(nudges)
            except DatabaseFailed as exc:
                log.warning("events of %s can't be read: %s", self._network.slug, exc)
            except Exception:
                log.exception("the stream of %s stumbled", self._network.slug)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _follow(self, nudges: nudge.Listener) -> None:
        """Read on at each nudge; returns when none can come, to try again to hear them."""
        while True:
            read_at = time.monotonic()
            while await self._read_on():
                pass
            if not nudges.joined:
                return
            await nudges.wait(LOOK_EVERY_S)
            await asyncio.sleep(max(0.0, read_at + READ_EVERY_S - time.monotonic()))

    async def _read_on(self) -> bool:
        """Read what is new; whether there may be more."""
        told = await self._tails.newest(lambda: _read(self._network, after=self.position))
        if not told:
            return False
        self._recent += told
        self._recent_bytes += sum(len(each.frame) for each in told)
        self._forget()
        self.position = told[-1].sequence
        self.wake()
        now = clock.wall()
        for each in told:
            metrics.INGEST_TO_STREAM.observe((now - each.time).total_seconds())
        return len(told) == AT_ONCE

    def _forget(self) -> None:
        spare = 0
        while self._recent_bytes > KEPT_BYTES and spare < len(self._recent) - 1:
            self._recent_bytes -= len(self._recent[spare].frame)
            spare += 1
        del self._recent[:spare]


def _read(network: Network, *, after: int, upto: int | None = None, wanted: Wanted = Wanted()) -> list[Told]:
    """The next events, as many as are read at once."""
    found = selectors.events(network, after=after, types=wanted.types, station=wanted.station)
    if upto is not None:
        found = found.filter(sequence__lte=upto)
    return [
        Told(event.sequence, event.type, event.station, event.time, frame(event, network))
        for event in found[:AT_ONCE]
    ]


def frame(event: Event, network: Network) -> bytes:
    """An event of Server-Sent Events (WHATWG HTML, section 9.2); JSON has no line ends of its own."""
    data = orjson.dumps(cloudevents.envelope(event, network.slug))
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.sequence, event.type.encode(), data)


class Tails:
    """The tails of this process, each for as long as a client streams its network."""

    def __init__(self) -> None:
        self._tails: dict[int, Tail] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._newest = ThreadPoolExecutor(1, "tail")
        self._backlogs = deque(ThreadPoolExecutor(1, "backlog") for _ in range(BACKLOG_THREADS))
        self.closing = False
        metrics.STREAM_CLIENTS.read_by(lambda: sum(tail.clients for tail in list(self._tails.values())))

    @contextmanager
    def of(self, network: Network) -> Iterator[Tail]:
        """The tail of a network, for one client."""
        tail = self._tails.get(network.pk)
        if tail is None:
            tail = self._tails[network.pk] = Tail(network, self)
            self._idle.clear()
        tail.clients += 1
        try:
            yield tail
        finally:
            tail.clients -= 1
            if not tail.clients:
                self._drop(network)

    def _drop(self, network: Network) -> None:
        self._tails.pop(network.pk).stop()
        if not self._tails:
            self._idle.set()

    async def newest[R](self, do: Callable[[], R]) -> R:
        """Read for a tail."""
        return await asyncio.get_running_loop().run_in_executor(self._newest, _reading, do)

    async def backlog[R](self, do: Callable[[], R]) -> R:
        """Read for a client."""
        self._backlogs.rotate()
        return await asyncio.get_running_loop().run_in_executor(self._backlogs[0], _reading, do)

    async def close(self) -> None:
        """Have every stream end where it is: its client goes on elsewhere. Waits a moment for all to have."""
        self.closing = True
        for tail in self._tails.values():
            tail.wake()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._idle.wait()
        for thread in (self._newest, *self._backlogs):
            thread.submit(connections.close_all)
            thread.shutdown(wait=False)


def _reading[R](do: Callable[[], R]) -> R:
    close_old_connections()
    return do()


# Tests have an event loop each; a process has one.
_here: WeakKeyDictionary[asyncio.AbstractEventLoop, Tails] = WeakKeyDictionary()


def here() -> Tails:
    """The tails of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _here:
        _here[loop] = Tails()
    return _here[loop]


async def close() -> None:
    """End the streams of the running event loop."""
    await here().close()
