"""Uptime by calendar month (UTC), from the ledger's intervals: pure arithmetic.

An EVSE is out of service while its station is offline, or while it, or the station, is Faulted or
Unavailable. Causes that overlap count once. What of it lies in an exclusion, in a maintenance window or in an
outage of our own service doesn't count. A month begins for an EVSE when it was first heard of.

    uptime = (T - (outage - excluded)) / T

The formula and the 97 % are those of 23 CFR 680.116 (b), taken by month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

TARGET = 0.97

type Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Something that goes on at an EVSE, or (0) at a station with all of its EVSEs."""

    evse_id: int
    span: Span

    def is_of(self, evse_id: int) -> bool:
        """Whether it concerns an EVSE; 0: the station as a whole."""
        return self.evse_id in (0, evse_id)


@dataclass(slots=True)
class History:
    """What the ledger has of a station.

    Attributes:
        since: When it (0), and each of its EVSEs, was first heard of; empty: never.
        outages: All of them, whatever the cause; those that go on end in the far future.
        excluded: What doesn't count.
        lost_at: When it was lost by itself: not by a fault of ours, nor as what was left of one.
    """

    since: dict[int, datetime] = field(default_factory=dict)
    outages: list[Interval] = field(default_factory=list)
    excluded: list[Interval] = field(default_factory=list)
    lost_at: list[datetime] = field(default_factory=list)

    @property
    def losses(self) -> int:
        """How often it was lost, where that counts."""
        excluded = joined(self.excluded, 0)
        return sum(not any(begin <= at < end for begin, end in excluded) for at in self.lost_at)

    @property
    def evse_ids(self) -> list[int]:
        """Its EVSEs, in order."""
        return sorted(evse_id for evse_id in self.since if evse_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """A month of an EVSE, or (0) of a station, in seconds.

    Attributes:
        period_s: Of the month until now in which there was one.
        outage_s: Of that, without it; ``excluded_s`` of these don't count.
        outages: Times that it was out of service, whatever the causes.
        whole_s: What the period will be at the end of the month.
    """

    month: datetime
    evse_id: int
    period_s: float
    outage_s: float
    excluded_s: float
    outages: int
    whole_s: float

    @property
    def percent(self) -> float | None:
        """None: there was no station."""
        if not self.period_s:
            return None
        return 100 * (self.period_s - (self.outage_s - self.excluded_s)) / self.period_s

    @property
    def budget_left_s(self) -> float:
        """How much longer it may be away within the month; negative: it was away too long."""
        return (1 - TARGET) * self.whole_s - (self.outage_s - self.excluded_s)


FOREVER = datetime.max.replace(tzinfo=UTC)


def month_of(moment: datetime) -> datetime:
    """The first moment of its month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    return month_of(month + timedelta(days=31))


def months(first: datetime, last: datetime) -> list[datetime]:
    """The months from one to another, both with it, the newest first."""
    found = [last]
    while found[-1] > first:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found


def of_month(history: History, month: datetime, now: datetime, evse_id: int = 0) -> Uptime:
    """The uptime of a month, as far as it is over; of an EVSE, or (0) of the station as a whole."""
    return of_span(history, month, next_month(month), now, evse_id)


def of_span(history: History, first: datetime, end: datetime, now: datetime, evse_id: int = 0) -> Uptime:
    """The same for any span; its ``month`` is where it begins."""
    begin = max(first, history.since.get(evse_id, end))
    period = (begin, min(end, now))
    outages = _within(joined(history.outages, evse_id), period)
    excluded = joined(history.excluded, evse_id)
    return Uptime(
        month=first,
        evse_id=evse_id,
        period_s=_length([period]),
        outage_s=_length(outages),
        excluded_s=sum(_length(_within(excluded, outage)) for outage in outages),
        outages=len(outages),
        whole_s=_length([(begin, end)]),
    )


def joined(intervals: Iterable[Interval], evse_id: int) -> list[Span]:
    """The spans that concern an EVSE, in order, those that overlap made one."""
    spans: list[Span] = []
    for begin, end in sorted(each.span for each in intervals if each.is_of(evse_id)):
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


def _within(spans: Sequence[Span], whole: Span) -> list[Span]:
    cut = [(max(begin, whole[0]), min(end, whole[1])) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _length(spans: Iterable[Span]) -> float:
    return sum(max(0.0, (end - begin).total_seconds()) for begin, end in spans)
