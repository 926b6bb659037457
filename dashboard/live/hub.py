"""The live pages of this process: one feed a network reads once for all tabs that show it.

A nudge says which stations changed. The feed merges nudges, reads what is shown of those stations, and sends
each tab what is new to it, at most once a second. A nudge may be lost, and the message log gives none, so all
that is shown is read again every few seconds.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from channels.db import database_sync_to_async

from dashboard.live import live_values
from dashboard.live.live_values import Values
from dashboard.live.log_tail import LogTail, News
from emobi.core import clock, nudge
from emobi.core.models import Network

log = logging.getLogger(__name__)

# A tab is flushed to at most this often, and told at least this often that its figures still hold.
FLUSH_S = 1.0
BEAT_S = 2.0
SWEEP_S = 5.0
LOG = "log:"
FORMAT = 1

type Read = tuple[dict[str, Values], dict[str, News]]


class Tab:
    """One open page: what it shows, and how to reach it."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._seq = 0
        self.topics: frozenset[str] = frozenset()
        self.new: frozenset[str] = frozenset()
        self.told_at = 0.0

    def show(self, topics: frozenset[str]) -> None:
        """Show these from now on; they are all sent anew."""
        self.topics = self.new = topics

    async def tell(self, parts: Mapping[str, Any], now: float) -> None:
        """Send one message; a tab that misses one sees it by the number."""
        self._seq += 1
        self.told_at = now
        message = {"v": FORMAT, "seq": self._seq, "t": clock.iso(clock.wall()), **parts}
        await self._send(orjson.dumps(message).decode())


class Feed:
    """The tabs that show one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tabs: set[Tab] = set()
        self._known: dict[str, Values] = {}
        self._tails: dict[str, LogTail] = {}
        self._changed: set[str] = set()
        self._swept_at = float("-inf")
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
        due = shown if sweep else _union(new.values()) | live_values.about(shown, changed)
        values, news = await database_sync_to_async(self._read)(due, self._followed(shown))
        if sweep:
            self._swept_at = now
        changes = {topic: _changes(self._known.get(topic, {}), found) for topic, found in values.items()}
        self._known = {topic: found for topic, found in {**self._known, **values}.items() if topic in shown}
        for tab, its_new in new.items():
            await self._tell(tab, its_new, changes, news, now)

    def _followed(self, shown: Iterable[str]) -> dict[str, LogTail]:
        self._tails = {
            topic: self._tails.get(topic) or LogTail(self._network, topic.removeprefix(LOG))
            for topic in shown
            if topic.startswith(LOG)
        }
        return self._tails

    def _read(
        self, due: frozenset[str], tails: Mapping[str, LogTail]
    ) -> tuple[dict[str, Values], dict[str, News]]:
        values = live_values.read(self._network, due) if due else {}
        return values, {topic: tail.read() for topic, tail in tails.items()}

    async def _tell(
        self,
        tab: Tab,
        new: frozenset[str],
        changes: Mapping[str, Values],
        news: Mapping[str, News],
        now: float,
    ) -> None:
        """Send a tab all of what is ``new`` to it, and of the rest the changes."""
        tab.new -= new
        rows: dict[str, Any] = {}
        for topic in tab.topics:
            rows.update((self._known if topic in new else changes).get(topic, {}))
        parts: dict[str, Any] = {"kpi": rows.pop("kpi")} if "kpi" in rows else {}
        if rows:
            parts["rows"] = rows
        for topic in tab.topics & news.keys():
            if news[topic].lines:
                parts["log"] = {"lines": news[topic].lines, "skipped": news[topic].skipped}
        if parts or now - tab.told_at >= BEAT_S:
            await tab.tell(parts, now)


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


# Tests have an event loop each; a process has one.
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def here() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
