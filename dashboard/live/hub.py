"""The live pages of this process: one feed a network reads once for all tabs that show it.

A nudge says which stations changed. The feed merges nudges, reads what is shown of those stations, and sends
each tab what is new to it, at most once a second. A nudge may be lost, and the message log gives none, so all
that is shown is read again every few seconds. What is about the whole fleet is read every few seconds only.
Whatever is sent is encoded once, for however many tabs.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from weakref import WeakKeyDictionary

import orjson
from channels.db import database_sync_to_async

from dashboard.live import live_values, log_tail, own_trouble
from dashboard.live.live_values import Values
from dashboard.live.log_tail import LogTail, News
from dashboard.live.storms import StormWatch
from dashboard.live.wall_watch import WALL, WallWatch
from emobi.core import clock, nudge
from emobi.core.models import Network

log = logging.getLogger(__name__)

# A tab is flushed to at most this often, and told at least this often that its figures still hold.
FLUSH_S = 1.0
BEAT_S = 2.0
SWEEP_S = 5.0
# After this long without a word a tab hears that its socket is well: one that is silent for 15 s it gives up.
SILENT_S = 5.0
# Figures of the whole fleet, and where a list stands, are read no more often than this.
SLOW_S = 2.5
FORMAT = 1


class Tab:
    """One open page: what it shows, and how to reach it."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._seq = 0
        # A page may have been drawn with what is over by now: the first word is said in any case.
        self._told_of_us = b""
        self.topics: frozenset[str] = frozenset()
        self.new: frozenset[str] = frozenset()
        self.told_at = self._sent_at = 0.0

    def show(self, topics: frozenset[str]) -> None:
        """Show these from now on; they are all sent anew."""
        self.topics = self.new = topics

    async def tell(self, parts: Mapping[str, bytes], now: float) -> None:
        """Send one message of encoded parts; a tab that misses one sees it by the number."""
        self._seq += 1
        self.told_at = self._sent_at = now
        head = f'{{"v":{FORMAT},"seq":{self._seq},"t":"{clock.iso(clock.wall())}"'
        rest = "".join(f',"{name}":{part.decode()}' for name, part in parts.items())
        await self._send(f"{head}{rest}}}")

    async def tell_of_ourselves(self, own: bytes, now: float) -> None:
        """Say what of Emobi itself is away, if the tab doesn't know yet, or hears nothing else.

        It says nothing of any figure.
        """
        if own != self._told_of_us or now - self._sent_at >= SILENT_S:
            self._told_of_us = own
            told_at = self.told_at
            await self.tell({"own": own}, now)
            self.told_at = told_at


class Flush:
    """What is sent at one moment: each topic is encoded once, for all tabs that show it."""

    def __init__(
        self, known: Mapping[str, Values], changes: Mapping[str, Values], news: Mapping[str, News]
    ) -> None:
        self._known = known
        self._changes = changes
        self._news = news
        self._encoded: dict[tuple[str, bool], dict[str, bytes]] = {}

    def parts(self, topics: frozenset[str], new: frozenset[str]) -> dict[str, bytes]:
        """Of these topics all of what is ``new``, and of the rest the changes."""
        rows: list[bytes] = []
        parts: dict[str, bytes] = {}
        for topic in new | (topics & self._changes.keys()):
            for key, values in self._of(topic, whole=topic in new).items():
                if key == "kpi":
                    parts["kpi"] = values
                else:
                    rows.append(orjson.dumps(key) + b":" + values)
        if rows:
            parts["rows"] = b"{" + b",".join(rows) + b"}"
        for topic in topics & self._news.keys():
            if self._news[topic].lines:
                said = {"lines": self._news[topic].lines, "skipped": self._news[topic].skipped}
                parts["log"] = orjson.dumps(said)
        return parts

    def _of(self, topic: str, *, whole: bool) -> Mapping[str, bytes]:
        found = self._encoded.get((topic, whole))
        if found is None:
            values = (self._known if whole else self._changes).get(topic, {})
            found = {key: orjson.dumps(fields) for key, fields in values.items()}
            self._encoded[topic, whole] = found
        return found


class Feed:
    """The tabs that show one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tabs: set[Tab] = set()
        self._known: dict[str, Values] = {}
        self._tails: dict[str, LogTail] = {}
        self._wall = WallWatch(network)
        self._storms = StormWatch(network)
        self._changed: set[str] = set()
        # Topics of the whole fleet that wait for their turn.
        self._late: frozenset[str] = frozenset()
        self._slow_at = self._swept_at = float("-inf")
        self._wake = asyncio.Event()
        self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._run()))

    @property
    def is_idle(self) -> bool:
        return not self._tabs

    def add(self, tab: Tab) -> None:
        self._tabs.add(tab)

    def remove(self, tab: Tab) -> None:
        self._tabs.discard(tab)

    def wake(self) -> None:
        """Something is to be sent."""
        self._wake.set()

    async def tell_of_ourselves(self, own: bytes, now: float) -> None:
        """Tell all tabs; a database that hangs, which holds the flush, holds this not."""
        for tab in list(self._tabs):
            await tab.tell_of_ourselves(own, now)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _listen(self) -> None:
        """Gather what changed. Without Redis the sweep goes on."""
        while True:
            try:
                async with nudge.listening(f"live.{self._network.pk}") as nudges:
                    while True:
                        received = await nudges.wait()
                        self._changed.update(received["about"] if received else ())
                        self._wake.set()
            except Exception as exc:  # noqa: BLE001 - whatever Redis or its client raises
                log.warning("live pages of %s hear no nudges: %r", self._network.slug, exc)
            await asyncio.sleep(SWEEP_S)

    async def _run(self) -> None:
        while True:
            # The message log gives no nudge: whoever follows one looks again at once.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._tails else FLUSH_S):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._flush(asyncio.get_running_loop().time())
            except Exception:  # the tabs see that nothing comes; the next flush may go well
                log.exception("live pages of %s weren't flushed", self._network.slug)
            await asyncio.sleep(FLUSH_S)

    async def _flush(self, now: float) -> None:
        """Read what may have changed, and send each tab what is new to it."""
        new = {tab: tab.new for tab in self._tabs}
        shown = _union(tab.topics for tab in self._tabs)
        sweep = now - self._swept_at >= SWEEP_S
        changed, self._changed = self._changed, set()
        due = self._due(shown, _union(new.values()), changed, sweep=sweep, now=now)
        values, news = await database_sync_to_async(self._read)(due, self._followed(shown))
        wall = None
        if WALL in shown:
            wall = await database_sync_to_async(self._wall.read)(changed, now)
        if sweep:
            self._swept_at = now
        changes = {topic: _changes(self._known.get(topic, {}), found) for topic, found in values.items()}
        self._known = {topic: found for topic, found in {**self._known, **values}.items() if topic in shown}
        flush = Flush(self._known, {topic: found for topic, found in changes.items() if found}, news)
        for tab, its_new in new.items():
            tab.new -= its_new
            parts = flush.parts(tab.topics, its_new)
            if WALL in its_new:
                parts["wall"] = self._wall.whole()
            elif wall is not None and WALL in tab.topics:
                parts["wall"] = wall
            if parts or now - tab.told_at >= BEAT_S:
                await tab.tell(parts, now)

    def _due(
        self, shown: frozenset[str], new: frozenset[str], changed: set[str], *, sweep: bool, now: float
    ) -> frozenset[str]:
        """What is to be read. The fleet changes with any station, and is still not read every time."""
        due = shown if sweep else new | live_values.about(shown, changed)
        slow = frozenset(topic for topic in due if live_values.is_slow(topic))
        waiting = (slow | self._late) & shown
        if waiting <= self._known.keys() and now - self._slow_at < SLOW_S:
            self._late = waiting
            return due - slow
        if waiting:
            self._slow_at = now
        self._late = frozenset()
        return due | waiting

    def _followed(self, shown: Iterable[str]) -> dict[str, LogTail]:
        self._tails = {
            topic: self._tails.get(topic) or log_tail.of(self._network, topic)
            for topic in shown
            if log_tail.is_followed(topic)
        }
        return self._tails

    def _read(
        self, due: frozenset[str], tails: Mapping[str, LogTail]
    ) -> tuple[dict[str, Values], dict[str, News]]:
        values = live_values.read(self._network, due, self._storms) if due else {}
        return values, {topic: tail.read() for topic, tail in tails.items()}


def _union(topics: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*topics)


def _changes(before: Values, after: Values) -> Values:
    """Of each key the fields that differ; keys that don't are left out."""
    found = {
        key: {field: value for field, value in fields.items() if before.get(key, {}).get(field) != value}
        for key, fields in after.items()
    }
    return {key: fields for key, fields in found.items() if fields}


class Hub:
    """The feeds of this process, each for as long as a tab shows its network."""

    def __init__(self) -> None:
        self._feeds: dict[int, Feed] = {}

    def add(self, network: Network, tab: Tab) -> Feed:
        feed = self._feeds.get(network.pk)
        if feed is None:
            feed = self._feeds[network.pk] = Feed(network)
        feed.add(tab)
        return feed

    def remove(self, network: Network, tab: Tab) -> None:
        feed = self._feeds.get(network.pk)
        if feed is not None:
            feed.remove(tab)
            if feed.is_idle:
                del self._feeds[network.pk]
                feed.stop()

    async def tell_of_ourselves(self) -> None:
        """Tell every tab what of Emobi itself is away, where that is news to it."""
        own = orjson.dumps([each.values for each in own_trouble.current()])
        now = asyncio.get_running_loop().time()
        for feed in list(self._feeds.values()):
            await feed.tell_of_ourselves(own, now)


# Tests have an event loop each; a process has one.
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def here() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
