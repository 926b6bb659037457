"""Lanes of states over time: what was in which state from when until when. Shape and word as everywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from dashboard.figures import duration
from dashboard.plots import time_axis
from dashboard.plots.drawing import Drawing, Key, Table, element, framed, percent
from dashboard.plots.time_axis import Window
from dashboard.statuses import Shown

LANE = 30
# Narrower than this share of the width, a span has no glyph.
ROOM = 0.02


@dataclass(frozen=True, slots=True)
class Span:
    """A state that lasted; ``until`` None: it lasts."""

    shown: Shown
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Lane:
    """The states of one thing, the oldest first; where there is none nothing is known."""

    name: str
    spans: Sequence[Span]


@dataclass(frozen=True, kw_only=True, slots=True)
class LanePlot:
    """Lanes, one below the other."""

    caption: str
    window: Window
    lanes: Sequence[Lane]
    now: datetime | None = None
    finding: str = ""


def draw(plot: LanePlot) -> Drawing:
    finding = plot.finding or _finding(plot)
    height = max(1, len(plot.lanes)) * LANE
    parts = [
        *time_axis.drawn(plot.window),
        *(each for position in range(len(plot.lanes)) for each in _lane(plot, position)),
        *time_axis.now_mark(plot.window, plot.now),
    ]
    seen = dict.fromkeys(span.shown for lane in plot.lanes for span in lane.spans)
    return Drawing(
        kind="lanes",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=height),
        table=Table(head=("", "State", f"From ({plot.window.zone_word})", "Lasted"), rows=list(_rows(plot))),
        keys=[Key(name=each.word, status=each.status) for each in seen],
        zone_word=plot.window.zone_word,
    )


def _bounds(plot: LanePlot, span: Span) -> tuple[datetime, datetime]:
    """The part of a span that is within the window."""
    until = min(span.until or plot.now or plot.window.until, plot.window.until)
    return max(span.since, plot.window.since), until


def _lane(plot: LanePlot, position: int) -> Iterator[SafeString]:
    lane = plot.lanes[position]
    height = 1 / len(plot.lanes)
    top = position * height
    middle = percent(top + height / 2)
    yield element("text", lane.name, class_="plot-lane", x="0", dx="-7", y=middle, dy="4", text_anchor="end")
    yield element(
        "rect",
        class_="plot-nothing",
        x="0",
        width="100%",
        y=percent(top + height * 0.14),
        height=percent(height * 0.72),
    )
    for span in lane.spans:
        since, until = _bounds(plot, span)
        left, width = plot.window.share(since), plot.window.share(until) - plot.window.share(since)
        if until <= since:
            continue
        told = f"{lane.name}: {span.shown.word}, from {plot.window.time(since)}, {_lasting(plot, span)}"
        yield element(
            "rect",
            element("title", told),
            class_="plot-span",
            data_status=span.shown.status,
            x=percent(left),
            width=percent(max(width, 0.0015)),
            y=percent(top + height * 0.14),
            height=percent(height * 0.72),
        )
        if width >= ROOM:
            yield element(
                "svg",
                element("use", href=f"#g-{span.shown.status}"),
                class_="plot-glyph",
                data_status=span.shown.status,
                x=percent(left + 0.003),
                y=percent(top + height * 0.28),
                width="13",
                height="13",
            )


def _lasting(plot: LanePlot, span: Span) -> str:
    since, until = _bounds(plot, span)
    return duration((until - since).total_seconds())


def _finding(plot: LanePlot) -> str:
    """Which state was longest: charging 4 h 10 min of 24 h 00 min."""
    totals: dict[str, float] = {}
    for lane in plot.lanes:
        for span in lane.spans:
            since, until = _bounds(plot, span)
            seconds = max(0.0, (until - since).total_seconds())
            totals[span.shown.word] = totals.get(span.shown.word, 0.0) + seconds
    if not totals:
        return "Nothing is known of this time"
    longest = sorted(totals, key=lambda word: -totals[word])[:3]
    return ", ".join(f"{word} {duration(totals[word])}" for word in longest)


def _rows(plot: LanePlot) -> Iterator[tuple[str, ...]]:
    for lane in plot.lanes:
        for span in lane.spans:
            since, until = _bounds(plot, span)
            if until > since:
                yield lane.name, span.shown.word, plot.window.time(since), _lasting(plot, span)
