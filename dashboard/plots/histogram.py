"""How values are spread: latencies in bins, with the percentiles that people ask for."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from dashboard.plots import scales
from dashboard.plots.drawing import Drawing, Key, Table, Tone, element, framed, percent

HEIGHT = 150
# In ms: each edge about twice the one before, as latencies are.
LATENCY_EDGES_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000)
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Values in bins between ``edges``; what is beyond the last edge is counted in the last bin.

    Attributes:
        counts: How many there are in each bin, where the values themselves are known to nobody any more;
            percentiles are then as precise as the bins are.
    """

    caption: str
    unit: str
    values: Sequence[float] = ()
    counts: Sequence[int] | None = None
    edges: Sequence[float] = LATENCY_EDGES_MS
    digits: int = 0
    finding: str = ""


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest value that ``share`` % of all don't exceed (nearest rank); None of none."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share / 100) - 1] if ordered else None


def percentile_of_counts(edges: Sequence[float], counts: Sequence[int], share: int) -> float | None:
    """As `percentile`, of values of which only the bins are known: as if they were even within each."""
    total = sum(counts)
    wanted, before = total * share / 100, 0
    for position, count in enumerate(counts):
        if count and before + count >= wanted:
            low, high = edges[position], edges[position + 1]
            return low + (high - low) * (wanted - before) / count
        before += count
    return None


def _percentile(plot: Histogram, share: int) -> float | None:
    if plot.counts is None:
        return percentile(plot.values, share)
    return percentile_of_counts(plot.edges, plot.counts, share)


def draw(plot: Histogram) -> Drawing:
    counts = _counts(plot)
    scale = scales.covering([float(count) for count in counts], marks=3)
    marks = [(each, value) for each in PERCENTILES if (value := _percentile(plot, each)) is not None]
    finding = (
        plot.finding
        or ", ".join(f"p{each} {_words(plot, value)}" for each, value in marks)
        or "No values yet"
    )
    width = 1 / len(counts)
    parts = [
        *scales.drawn(scale, ""),
        *(
            element(
                "rect",
                element("title", f"{_range(plot, position)}: {count}"),
                class_=f"plot-bar tone-{Tone.POWER}",
                x=percent((position + 0.05) * width),
                width=percent(width * 0.9),
                y=percent(1 - scale.share(count)),
                height=percent(scale.share(count)),
            )
            for position, count in enumerate(counts)
            if count
        ),
        *(_edge(plot, position, width) for position in range(len(counts))),
        *(each for rank, mark in enumerate(marks) for each in _mark(plot, mark, rank)),
    ]
    return Drawing(
        kind="histogram",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=HEIGHT),
        table=Table(
            head=(plot.unit, "Count"),
            rows=[(_range(plot, position), str(count)) for position, count in enumerate(counts)],
        ),
        keys=[Key(name=f"p{each} {_words(plot, value)}", tone=Tone.TARGET) for each, value in marks],
    )


def _words(plot: Histogram, value: float) -> str:
    return f"{scales.number(value, plot.digits)} {plot.unit}"


def _bin(plot: Histogram, value: float) -> int:
    return min(max(bisect_right(plot.edges, value) - 1, 0), len(plot.edges) - 2)


def _counts(plot: Histogram) -> list[int]:
    if plot.counts is not None:
        return list(plot.counts)
    counts = [0] * (len(plot.edges) - 1)
    for value in plot.values:
        counts[_bin(plot, value)] += 1
    return counts


def _range(plot: Histogram, position: int) -> str:
    return f"{plot.edges[position]:g}–{plot.edges[position + 1]:g} {plot.unit}"


def _edge(plot: Histogram, position: int, width: float) -> SafeString:
    css = "plot-time" + (" odd" if position % 2 else "")
    return element(
        "text",
        f"{plot.edges[position]:g}",
        class_=css,
        x=percent(position * width),
        y="100%",
        dy="17",
        text_anchor="middle" if position else "start",
    )


def _mark(plot: Histogram, mark: tuple[int, float], rank: int) -> list[SafeString]:
    """A percentile stands in its bin where its value does; names go down, as they are close together."""
    each, value = mark
    position = _bin(plot, value)
    low, high = plot.edges[position], plot.edges[position + 1]
    share = (position + min(1.0, (value - low) / (high - low))) / (len(plot.edges) - 1)
    x = percent(share)
    anchor, dx = ("end", "-4") if share > 0.85 else ("start", "4")
    return [
        element("line", class_="plot-target", x1=x, x2=x, y1="0", y2="100%"),
        element(
            "text",
            f"p{each}",
            class_="plot-mark",
            x=x,
            dx=dx,
            y="0",
            dy=str(9 + rank * 14),
            text_anchor=anchor,
        ),
    ]
