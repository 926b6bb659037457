"""Axes of time, in the viewer's zone: distances are true across a change of the clocks.

Everything is placed by the instant and only labelled in the zone. In the night that the clocks go back an
hour is there twice and labelled twice; when they go forward, it is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.safestring import SafeString

from dashboard.plots.drawing import element, percent

_DAY = 86400
# In s. Each but the days divides a day, so that marks stand at the same times every day.
_STEPS = (
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
    _DAY,
    2 * _DAY,
    7 * _DAY,
    14 * _DAY,
    30 * _DAY,
    90 * _DAY,
    365 * _DAY,
)
# Every zone's offset is a multiple of it.
_QUARTER_S = 900
MARKS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From when until when, told in ``zone``.

    Raises:
        ValueError: If it ends before it has begun.
    """

    since: datetime
    until: datetime
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        # Instants, as the difference of two times of one zone is that of its clock's hands.
        for name in ("since", "until"):
            object.__setattr__(self, name, getattr(self, name).astimezone(UTC))
        if self.until <= self.since:
            raise ValueError("a window of no time")

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()

    def share(self, moment: datetime) -> float:
        """Where ``moment`` stands: 0 at the beginning, 1 at the end; never beyond."""
        return min(1.0, max(0.0, (moment.timestamp() - self.since.timestamp()) / self.seconds))

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment <= self.until

    def time(self, moment: datetime) -> str:
        """As precise as the window is short; with the date where it is longer than a day."""
        local = moment.astimezone(self.zone)
        if self.seconds <= _DAY:
            return local.strftime("%H:%M:%S")
        return local.strftime("%Y-%m-%d %H:%M")

    @property
    def zone_word(self) -> str:
        """UTC; of a zone with summer time both, where the clocks change: CEST/CET."""
        words = [each.astimezone(self.zone).strftime("%Z") for each in (self.since, self.until)]
        return "/".join(dict.fromkeys(words))


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A labelled instant; ``begins_day``: its label is a date."""

    at: datetime
    label: str
    begins_day: bool


def marks(window: Window, most: int = MARKS) -> list[Mark]:
    """Round times within the window."""
    step = next((each for each in _STEPS if window.seconds / each <= most), _STEPS[-1])
    instants = _days(window, step // _DAY) if step >= _DAY else _times(window, step)
    return [_mark(each.astimezone(window.zone), step) for each in instants]


def _times(window: Window, step: int) -> Iterator[datetime]:
    stride = min(step, _QUARTER_S)
    first = -(-window.since.timestamp() // stride)
    last = int(window.until.timestamp() // stride)
    for position in range(int(first), last + 1):
        local = datetime.fromtimestamp(position * stride, window.zone)
        if (local.hour * 3600 + local.minute * 60 + local.second) % step == 0:
            yield local


def _days(window: Window, every: int) -> Iterator[datetime]:
    day = window.since.astimezone(window.zone).date()
    while True:
        midnight = datetime(day.year, day.month, day.day, tzinfo=window.zone)
        if midnight > window.until:
            return
        if midnight >= window.since and day.toordinal() % every == 0:
            yield midnight
        day += timedelta(days=1)


def _mark(local: datetime, step: int) -> Mark:
    midnight = local.hour == local.minute == local.second == 0
    if midnight:
        label = local.strftime("%b %d") if step < 90 * _DAY else local.strftime("%b %Y")
    else:
        label = local.strftime("%H:%M:%S" if step < 60 else "%H:%M")
    return Mark(at=local, label=label, begins_day=midnight)


def drawn(window: Window) -> list[SafeString]:
    """Lines up and labels below; every second is left out where it is narrow."""
    parts = []
    for position, mark in enumerate(marks(window)):
        share = window.share(mark.at)
        x = percent(share)
        css = "plot-time" + (" day" if mark.begins_day else "") + (" odd" if position % 2 else "")
        parts.append(element("line", class_="plot-rule up", x1=x, x2=x, y1="0", y2="100%"))
        anchor = "start" if share < 0.02 else "end" if share > 0.98 else "middle"
        parts.append(element("text", mark.label, class_=css, x=x, y="100%", dy="17", text_anchor=anchor))
    return parts


def now_mark(window: Window, now: datetime | None) -> list[SafeString]:
    """A line where it is now."""
    if now is None or not window.holds(now):
        return []
    x = percent(window.share(now))
    anchor = "end" if window.share(now) > 0.9 else "start"
    return [
        element("line", class_="plot-now", x1=x, x2=x, y1="0", y2="100%"),
        element("text", "now", class_="plot-now-word", x=x, y="0", dy="-3", text_anchor=anchor),
    ]
