"""Bars: one a thing, with a line that they should reach; or one a stretch of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from dashboard.plots import scales, time_axis
from dashboard.plots.drawing import Drawing, Key, Table, Tone, element, framed, percent
from dashboard.plots.scales import Scale
from dashboard.plots.time_axis import Window

HEIGHT = 180
SLIM = 84


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; None is not known, which is not 0."""

    name: str
    value: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BarPlot:
    """A bar a thing.

    Attributes:
        target: A line across; bars that don't reach it look different. None: no line.
        low: Where the axis begins: 90 % of an uptime, where 0 would hide the difference.
        high: Where it ends, if not above the highest bar.
    """

    caption: str
    unit: str
    bars: Sequence[Bar]
    target: float | None = None
    target_name: str = "Target"
    low: float = 0.0
    high: float | None = None
    digits: int = 1
    finding: str = ""
    height: int = HEIGHT


def draw(plot: BarPlot) -> Drawing:
    scale = _scale(plot)
    finding = plot.finding or _finding(plot)
    parts = [
        *scales.drawn(scale, plot.unit),
        *(each for position, bar in enumerate(plot.bars) for each in _bar(plot, scale, bar, position)),
        *_target(plot, scale),
    ]
    keys = (
        [Key(name=f"{plot.target_name} {_words(plot, plot.target)}", tone=Tone.TARGET)] if plot.target else []
    )
    return Drawing(
        kind="bars",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=plot.height),
        table=Table(head=("", plot.unit), rows=[(each.name, _words(plot, each.value)) for each in plot.bars]),
        keys=keys,
    )


def _scale(plot: BarPlot) -> Scale:
    if plot.high is not None:
        return Scale(low=plot.low, high=plot.high, step=(plot.high - plot.low) / 4)
    values = [each.value for each in plot.bars if each.value is not None]
    return scales.covering([*values, *([plot.target] if plot.target is not None else [])], low=plot.low)


def _words(plot: BarPlot, value: float | None) -> str:
    return "not known" if value is None else f"{scales.number(value, plot.digits)} {plot.unit}"


def _finding(plot: BarPlot) -> str:
    known = [each for each in plot.bars if each.value is not None]
    if not known:
        return "Nothing is known yet"
    if plot.target is not None:
        missed = [each.name for each in known if each.value is not None and each.value < plot.target]
        target = _words(plot, plot.target)
        return f"{len(known) - len(missed)} of {len(known)} reach {target}" + (
            f"; not {', '.join(missed[:3])}{' and others' if len(missed) > 3 else ''}" if missed else ""
        )
    highest = max(known, key=lambda each: each.value or 0.0)
    return f"Highest {_words(plot, highest.value)}, {highest.name}"


def _bar(plot: BarPlot, scale: Scale, bar: Bar, position: int) -> list[SafeString]:
    width = 1 / len(plot.bars)
    middle = percent((position + 0.5) * width)
    # On a phone there is room for some of the names, and for the last always: it is what one looks for.
    shown_each = 1 if len(plot.bars) <= 4 else 2 if len(plot.bars) <= 8 else 3
    css = "plot-name" + (" odd" if (len(plot.bars) - 1 - position) % shown_each else "")
    if len(plot.bars) > 12 and position % -(-len(plot.bars) // 12):
        css += " left-out"
    label = element("text", bar.name, class_=css, x=middle, y="100%", dy="17", text_anchor="middle")
    if bar.value is None:
        return [
            label,
            element("text", "?", class_="plot-unknown", x=middle, y="100%", dy="-4", text_anchor="middle"),
        ]
    tone = Tone.POWER
    if plot.target is not None:
        tone = Tone.BAD if bar.value < plot.target else Tone.GOOD
    share = scale.share(bar.value)
    rect = element(
        "rect",
        element("title", f"{bar.name}: {_words(plot, bar.value)}"),
        class_=f"plot-bar tone-{tone}",
        x=percent((position + 0.14) * width),
        y=percent(1 - share),
        width=percent(width * 0.72),
        height=percent(share),
    )
    return [rect, label]


def _target(plot: BarPlot, scale: Scale) -> list[SafeString]:
    if plot.target is None:
        return []
    y = percent(1 - scale.share(plot.target))
    return [element("line", class_="plot-target", x1="0", x2="100%", y1=y, y2=y)]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stretch of time and how many there were: ``bad`` of them are shown apart, in front."""

    since: datetime
    until: datetime
    count: int
    bad: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeBars:
    """How many, over time: the volume of a log."""

    caption: str
    window: Window
    buckets: Sequence[Bucket]
    name: str = "messages"
    bad_name: str = "errors"
    finding: str = ""
    height: int = SLIM


def draw_times(plot: TimeBars) -> Drawing:
    scale = scales.covering([float(each.count) for each in plot.buckets], marks=2)
    total, bad = sum(each.count for each in plot.buckets), sum(each.bad for each in plot.buckets)
    finding = plot.finding or _volume(plot, total, bad)
    parts = [
        *time_axis.drawn(plot.window),
        *scales.drawn(scale, ""),
        *(each for bucket in plot.buckets if bucket.count for each in _stack(plot, scale, bucket)),
    ]
    rows = [
        (plot.window.time(each.since), str(each.count), str(each.bad)) for each in plot.buckets if each.count
    ]
    return Drawing(
        kind="bars",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=plot.height),
        table=Table(head=(f"From ({plot.window.zone_word})", plot.name, plot.bad_name), rows=rows),
        keys=[
            Key(name=plot.name, tone=Tone.POWER),
            *([Key(name=plot.bad_name, tone=Tone.BAD)] if bad else []),
        ],
        zone_word=plot.window.zone_word,
    )


def _volume(plot: TimeBars, total: int, bad: int) -> str:
    if not total:
        return f"No {plot.name} in this time"
    busiest = max(plot.buckets, key=lambda each: each.count)
    said = f"{scales.number(total, 0)} {plot.name}, most at {plot.window.time(busiest.since)}"
    return f"{said}; {scales.number(bad, 0)} {plot.bad_name}" if bad else said


def _stack(plot: TimeBars, scale: Scale, bucket: Bucket) -> list[SafeString]:
    left, right = plot.window.share(bucket.since), plot.window.share(bucket.until)
    told = f"{plot.window.time(bucket.since)}: {bucket.count} {plot.name}" + (
        f", {bucket.bad} {plot.bad_name}" if bucket.bad else ""
    )
    whole, bad = scale.share(bucket.count), scale.share(bucket.bad)
    place: Mapping[str, str] = {"x": percent(left), "width": percent((right - left) * 0.9)}
    parts = [
        element(
            "rect",
            element("title", told),
            class_=f"plot-bar tone-{Tone.POWER}",
            y=percent(1 - whole),
            height=percent(whole),
            **place,
        )
    ]
    if bucket.bad:
        # At least a pixel or two: one error among thousands is what is looked for.
        height = max(bad, 0.04)
        css = f"plot-bar tone-{Tone.BAD}"
        parts.append(element("rect", class_=css, y=percent(1 - height), height=percent(height), **place))
    return parts
