"""Lines and steps over time, on one axis or two: power, state of charge, current, limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString

from dashboard.plots import scales, time_axis
from dashboard.plots.drawing import (
    SPAN,
    Drawing,
    Key,
    Table,
    Tone,
    element,
    framed,
    stretched,
)
from dashboard.plots.scales import Scale
from dashboard.plots.thinning import Sample, thinned
from dashboard.plots.time_axis import Window

HEIGHT = 220
COLUMNS = 960
TABLE_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """Values of one thing, the oldest first.

    Attributes:
        samples: Time and value; None ends the line until the next value.
        step: A value holds until the next one (limits, states) rather than leading to it (meters).
        right: Measured on the axis at the right.
        digits: After the point, in words and tables.
        field: Under which name `live.js` brings new values; "" none come.
    """

    name: str
    unit: str
    samples: Sequence[Sample]
    tone: Tone = Tone.POWER
    step: bool = False
    right: bool = False
    digits: int = 1
    field: str = ""

    @property
    def peak(self) -> tuple[datetime, float] | None:
        """The highest value and when it was first reached."""
        known = [(at, value) for at, value in self.samples if value is not None]
        return max(known, key=lambda each: each[1], default=None)

    @property
    def last(self) -> float | None:
        """The newest value that is known."""
        return next((value for _, value in reversed(self.samples) if value is not None), None)

    def words(self, value: float | None) -> str:
        return "–" if value is None else f"{scales.number(value, self.digits)} {self.unit}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class LinePlot:
    """Lines over time.

    Attributes:
        finding: What is to be seen, in words; "" has it said of the first series (`peak_words`).
        top: Of the right axis, where it has an end of its own: 100 of a percentage.
        live_key: Under which key `live.js` brings new values of the series that have a field.
        group: Plots of one name on a page move their cursor and zoom together.
        gap: Longer without a sample there is no line; None: never.
    """

    caption: str
    window: Window
    series: Sequence[Series]
    finding: str = ""
    now: datetime | None = None
    top: float | None = None
    live_key: str = ""
    group: str = ""
    gap: timedelta | None = None
    height: int = HEIGHT


def peak_words(window: Window, series: Sequence[Series]) -> str:
    """Peak 148.0 kW at 13:10:00; ends at 80 %."""
    if not series or (peak := series[0].peak) is None:
        return "No values in this time"
    at = peak[0].astimezone(window.zone)
    said = f"Peak {series[0].words(peak[1])} at {at:%H:%M:%S} {at:%Z}"
    ending = next((each for each in series[1:] if each.tone == Tone.CHARGE and each.last is not None), None)
    return f"{said}; ends at {ending.words(ending.last)}" if ending else said


def draw(plot: LinePlot) -> Drawing:
    shown = [_within(plot, each) for each in plot.series]
    left = scales.covering(_values(shown, right=False))
    right = _right_scale(plot, shown)
    finding = plot.finding or peak_words(plot.window, shown)
    parts = [
        *time_axis.drawn(plot.window),
        *scales.drawn(left, _unit(shown, right=False)),
        *(scales.drawn(right, _unit(shown, right=True), right=True) if right else []),
        stretched(_line(plot.window, each, _scale(each, left, right)) for each in shown),
        *time_axis.now_mark(plot.window, plot.now),
        element("line", class_="plot-cursor", x1="0", x2="0", y1="0", y2="100%", visibility="hidden"),
    ]
    return Drawing(
        kind="lines",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=plot.height),
        table=_table(plot.window, shown),
        keys=[
            Key(name=f"{each.name} ({each.unit})" if each.unit else each.name, tone=each.tone)
            for each in shown
        ],
        zone_word=plot.window.zone_word,
        data=_data(plot, shown, left, right),
    )


def _within(plot: LinePlot, series: Series) -> Series:
    """The series as it is drawn: within the window, thinned, with its gaps."""
    window = plot.window
    inside = [each for each in series.samples if window.holds(each[0])]
    if series.step:
        before = [each for each in series.samples if each[0] < window.since]
        inside = [(window.since, each[1]) for each in before[-1:]] + inside
    samples = thinned(inside, COLUMNS)
    if plot.gap is not None and not series.step:
        samples = list(_with_gaps(samples, plot.gap))
    return Series(
        name=series.name,
        unit=series.unit,
        samples=samples,
        tone=series.tone,
        step=series.step,
        right=series.right,
        digits=series.digits,
        field=series.field,
    )


def _with_gaps(samples: Sequence[Sample], gap: timedelta) -> Iterable[Sample]:
    before: datetime | None = None
    for at, value in samples:
        if before is not None and at - before > gap:
            yield before + (at - before) / 2, None
        yield at, value
        before = at


def _values(series: Iterable[Series], *, right: bool) -> list[float]:
    return [value for each in series if each.right is right for _, value in each.samples if value is not None]


def _unit(series: Iterable[Series], *, right: bool) -> str:
    return next((each.unit for each in series if each.right is right), "")


def _right_scale(plot: LinePlot, shown: Sequence[Series]) -> Scale | None:
    if not any(each.right for each in shown):
        return None
    if plot.top is not None:
        return Scale(low=0, high=plot.top, step=plot.top / 4)
    return scales.covering(_values(shown, right=True))


def _scale(series: Series, left: Scale, right: Scale | None) -> Scale:
    return right if series.right and right is not None else left


def _line(window: Window, series: Series, scale: Scale) -> SafeString:
    return element("path", class_=f"plot-line tone-{series.tone}", d=path(window, series, scale))


def path(window: Window, series: Series, scale: Scale) -> str:
    """The line in coordinates of `SPAN`; a step holds to the end of the window, or to now."""
    said: list[str] = []
    height: float | None = None
    for at, value in series.samples:
        x = window.share(at) * SPAN
        if series.step and height is not None:
            said.append(f"H{x:.1f}")
        if value is None:
            height = None
            continue
        y = (1 - scale.share(value)) * SPAN
        if height is None:
            # A value that stands alone is a dot: a line of no length with round ends.
            said.append(f"M{x:.1f} {y:.1f}h0")
        elif series.step:
            said.append(f"V{y:.1f}")
        else:
            said.append(f"L{x:.1f} {y:.1f}")
        height = y
    if series.step and height is not None:
        said.append(f"H{SPAN}")
    return "".join(said)


def _table(window: Window, series: Sequence[Series]) -> Table:
    """A row a time; a series without a value there has the one that it had before, if it is one of steps."""
    times = sorted({at for each in series for at, value in each.samples if value is not None})
    every = -(-len(times) // TABLE_ROWS) or 1
    columns = [_by_time(each, times) for each in series]
    rows = [
        (window.time(at), *(each.words(column.get(at)) for each, column in zip(series, columns, strict=True)))
        for at in times[::every]
    ]
    return Table(head=(f"Time ({window.zone_word})", *(each.name for each in series)), rows=rows)


def _by_time(series: Series, times: Sequence[datetime]) -> Mapping[datetime, float | None]:
    values = dict(series.samples)
    if not series.step:
        return values
    held: float | None = None
    found = {}
    for at in times:
        held = values.get(at, held)
        found[at] = held
    return found


def _data(plot: LinePlot, shown: Sequence[Series], left: Scale, right: Scale | None) -> Mapping[str, Any]:
    """What `plot.js` redraws the lines from; times in ms."""
    return {
        "since": _ms(plot.window.since),
        "until": _ms(plot.window.until),
        "zone": str(plot.window.zone),
        "key": plot.live_key,
        "group": plot.group,
        "series": [
            {
                "name": each.name,
                "unit": each.unit,
                "digits": each.digits,
                "step": each.step,
                "field": each.field,
                "low": (scale := _scale(each, left, right)).low,
                "high": scale.high,
                "points": [[_ms(at), value] for at, value in each.samples],
            }
            for each in shown
        ],
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
