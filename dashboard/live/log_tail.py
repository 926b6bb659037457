"""The end of a message log, followed: what is new since the last look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from dashboard import figures
from dashboard.messages import frame_words, live_search, message_search
from dashboard.messages.message_search import MessageSearch
from emobi.core import clock
from emobi.core.models import Network
from stations import frame_ids
from stations.models import Direction, Frame, Kind, Station

# Kinds of topics: the log of a station or of all ("log:"), and what a search finds in it.
LOG = "log:"
SEARCH = "log-search:"
# A transaction may commit frames whose ids are older than those that were read already.
LATE = timedelta(seconds=3)
# A page that was made so long ago finds its end again at the first look.
MADE_AGO = timedelta(seconds=15)
# A look reads so many; what is beyond was never seen by anybody.
MOST = 200
LINES = 20

type Line = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class News:
    """New lines, the oldest first, and how many more there were."""

    lines: Sequence[Line]
    skipped: int


def topic(search: MessageSearch) -> str:
    """What a page subscribes to that shows what such a search finds (`live_search.followed`)."""
    return f"{SEARCH}{search.written}" if search.narrows else LOG


def is_followed(topic: str) -> bool:
    """Whether a topic is the end of a log."""
    return topic.startswith((LOG, SEARCH))


def of(network: Network, topic: str) -> "LogTail":
    """What follows the log that a topic names."""
    if topic.startswith(SEARCH):
        written = topic.removeprefix(SEARCH)[: message_search.LONGEST]
        return LogTail(network, search=live_search.followed(message_search.parse(written)))
    return LogTail(network, topic.removeprefix(LOG))


class LogTail:
    """Follows the log of one station; without an identity that of the network, or what a search finds."""

    def __init__(self, network: Network, identity: str = "", search: MessageSearch | None = None) -> None:
        self._network = network
        self._identity = identity
        self._search = search
        self._seen: set[int] = set()
        self._looked_at: datetime | None = None

    def read(self) -> News:
        """What is new since the last look, however long ago that was: a busy machine looks late.

        The first look has what came since the page was made, and before, which the page has already.
        """
        now = clock.wall()
        since = frame_ids.lowest(min(self._looked_at or now - MADE_AGO, now) - LATE)
        self._looked_at = now
        newest = list(self._frames().filter(pk__gte=since).order_by("-pk")[:MOST])
        new = [frame for frame in reversed(newest) if frame.pk not in self._seen]
        self._seen = {frame.pk for frame in newest}
        shown = new[-LINES:]
        lines = [line(frame) for frame in shown] if self._identity else lines_of_all(shown)
        return News(lines=lines, skipped=max(0, len(new) - LINES))

    def _frames(self) -> QuerySet[Frame]:
        if self._search is not None:
            return live_search.frames(self._network, self._search)
        if not self._identity:
            return Frame.objects.filter(network_id=self._network.pk)
        station = Station.objects.filter(network=self._network, identity=self._identity)
        return Frame.objects.filter(station__in=station.values("pk"))


def lines_of_all(frames: Sequence[Frame]) -> list[Line]:
    """Lines that say which station it was ("" once it is deleted): one query more."""
    names = dict(
        Station.objects.filter(pk__in={frame.station_id for frame in frames}).values_list("pk", "identity")
    )
    return [{**line(frame), "n": names.get(frame.station_id, "")} for frame in frames]


def line(frame: Frame) -> Line:
    """A frame as one line of a log. Its id is text: JavaScript's numbers are too short for it."""
    return {
        "i": str(frame.pk),
        "t": clock.iso(frame.at),
        "d": Direction(frame.direction).name.lower(),
        "k": Kind(frame.kind).name.lower(),
        "a": frame.action or frame_words.KINDS[Kind(frame.kind)].word,
        "s": frame_words.summary(frame),
        "r": figures.lasting(frame.round_trip_ms) if frame.round_trip_ms is not None else "",
    }
