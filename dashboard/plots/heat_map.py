"""How much at which hour of which weekday. A cell is as large as it is much: it reads without colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from dashboard.plots import scales
from dashboard.plots.drawing import Drawing, Table, element, framed, percent

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24
LANE = 24
LEVELS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatMap:
    """Seven rows from Monday, twenty-four values each; None is not known.

    Attributes:
        zone_word: Of which clock the hours are.
        top: What fills a cell; None: the highest of the values. Two maps beside each other need the same.
    """

    caption: str
    unit: str
    values: Sequence[Sequence[float | None]]
    digits: int = 0
    finding: str = ""
    zone_word: str = "UTC"
    top: float | None = None


def draw(plot: HeatMap) -> Drawing:
    finding = plot.finding or _finding(plot)
    top = max((value for row in plot.values for value in row if value is not None), default=0.0)
    top = top if plot.top is None else max(top, plot.top)
    parts = [
        *(_day(position) for position in range(len(DAYS))),
        *(_hour(hour) for hour in range(0, HOURS, 3)),
        *(each for day, row in enumerate(plot.values) for each in _cells(plot, day, row, top)),
    ]
    rows = [(DAYS[day], *(_words(plot, value) for value in row)) for day, row in enumerate(plot.values)]
    return Drawing(
        kind="heat",
        caption=plot.caption,
        finding=finding,
        svg=framed(f"{plot.caption}: {finding}", parts, height=LANE * len(DAYS)),
        table=Table(head=(plot.zone_word, *(f"{hour:02}" for hour in range(HOURS))), rows=rows),
    )


def _words(plot: HeatMap, value: float | None) -> str:
    return "–" if value is None else scales.number(value, plot.digits)


def _finding(plot: HeatMap) -> str:
    known = [
        (value, day, hour)
        for day, row in enumerate(plot.values)
        for hour, value in enumerate(row)
        if value is not None
    ]
    if not known:
        return "Nothing is known yet"
    value, day, hour = max(known, key=lambda each: each[0])
    if not value:
        return f"0 {plot.unit} at any time"
    when = f"{DAYS[day]} {hour:02}:00–{(hour + 1) % HOURS:02}:00 {plot.zone_word}"
    return f"Most on {when}: {_words(plot, value)} {plot.unit}"


def _day(day: int) -> SafeString:
    y = percent((day + 0.5) / len(DAYS))
    return element("text", DAYS[day], class_="plot-lane", x="0", dx="-7", y=y, dy="4", text_anchor="end")


def _hour(hour: int) -> SafeString:
    css = "plot-time" + (" odd" if hour % 6 else "")
    return element(
        "text", f"{hour:02}", class_=css, x=percent(hour / HOURS), y="100%", dy="17", text_anchor="start"
    )


def _cells(plot: HeatMap, day: int, row: Sequence[float | None], top: float) -> Iterator[SafeString]:
    for hour, value in enumerate(row):
        left, above = hour / HOURS, day / len(DAYS)
        if value is None:
            yield _square(left, above, 0.2, "plot-cell unknown", f"{DAYS[day]} {hour:02}:00: not known")
            continue
        share = value / top if top > 0 else 0.0
        told = f"{DAYS[day]} {hour:02}:00: {_words(plot, value)} {plot.unit}"
        # The area, not the edge, is what the eye compares.
        yield _square(left, above, 0.15 + 0.8 * share**0.5, f"plot-cell level-{round(share * LEVELS)}", told)


def _square(left: float, above: float, size: float, css: str, told: str) -> SafeString:
    width, height = 1 / HOURS, 1 / len(DAYS)
    inset = (1 - size) / 2
    return element(
        "rect",
        element("title", told),
        class_=css,
        x=percent(left + width * inset),
        y=percent(above + height * inset),
        width=percent(width * size),
        height=percent(height * size),
    )
