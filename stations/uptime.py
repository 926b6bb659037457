"""Uptime by calendar month (UTC): how long a station could be reached.

An outage begins when the station was last heard before `station.offline`, and ends with `station.online`.
What of it lies in a maintenance window (`maintenance` on, as the audit log has it) doesn't count. A month
begins for a station when it was first online.

    uptime = (period - (outage - excluded)) / period

The formula and the 97 % are those of 23 CFR 680.116 (b), taken by month.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from emobi.core.events import StationOffline, StationOnline
from emobi.core.models import AuditEntry, Event, Network
from stations.models import Station

TARGET = 0.97
# An outage that begins within a period may be found out this much later.
FOUND_WITHIN = timedelta(days=1)

type Span = tuple[datetime, datetime]

_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class History:
    """What is known of a station: spans that haven't ended end in the far future.

    Attributes:
        since: When it was first online; None: never.
    """

    since: datetime | None = None
    outages: list[Span] = field(default_factory=list)
    maintenance: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """A station's month, in seconds.

    Attributes:
        period_s: Of the month until now in which there was the station.
        outage_s: Of that, without it; ``excluded_s`` of these don't count.
        whole_s: What the period will be at the end of the month.
    """

    month: datetime
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


def month_of(moment: datetime) -> datetime:
    """The first moment of its month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    return month_of(month + timedelta(days=31))


def histories(
    network: Network, stations: Collection[Station], begin: datetime, end: datetime
) -> Mapping[int, History]:
    """What is known of these stations between two moments, by their keys, in three queries."""
    of_identity = {station.identity: station for station in stations}
    found = {station.pk: History() for station in stations}
    for event in _events(network, of_identity, begin, end):
        station = of_identity[event.station or ""]
        # Another station may have had the identity before.
        if event.time >= station.created_at:
            _add(found[station.pk], event)
    changes = AuditEntry.objects.filter(
        network=network, action="station.changed", target__in=of_identity, detail__has_key="maintenance"
    ).order_by("id")
    for change in changes:
        station = of_identity[change.target]
        if change.at >= station.created_at:
            _switch(found[station.pk].maintenance, change.at, on=change.detail["maintenance"]["to"])
    return found


def _events(network: Network, identities: Collection[str], begin: datetime, end: datetime) -> Iterable[Event]:
    """Of each station the last before the period, then all within, in the order of their commits."""
    told = Event.objects.filter(
        Q(type=StationOnline.type) | Q(type=StationOffline.type),
        network=network,
        station__in=list(identities),
    )
    before = told.filter(time__lt=begin).order_by("station", "-sequence").distinct("station")
    yield from before
    yield from told.filter(time__gte=begin, time__lt=end + FOUND_WITHIN).order_by("sequence")


def _add(history: History, event: Event) -> None:
    if event.type == StationOnline.type:
        history.since = history.since or event.time
        _switch(history.outages, event.time, on=False)
        return
    heard = event.data.get("last_heard_at")
    began = min(event.time, datetime.fromisoformat(heard)) if heard else event.time
    history.since = history.since or began
    if history.outages:
        began = max(began, history.outages[-1][1])
    _switch(history.outages, began, on=True)


def _switch(spans: list[Span], at: datetime, *, on: bool) -> None:
    """Begin a span, or end the one that goes on; twice is once."""
    goes_on = bool(spans) and spans[-1][1] == _FOREVER
    if on and not goes_on:
        spans.append((at, _FOREVER))
    elif goes_on and not on:
        spans[-1] = (spans[-1][0], at)


def of_month(history: History, month: datetime, now: datetime) -> Uptime:
    """The uptime of a month, as far as it is over."""
    end = next_month(month)
    begin = max(month, history.since or end)
    period = (begin, min(end, now))
    outages = _within(history.outages, period)
    return Uptime(
        month=month,
        period_s=_length([period]),
        outage_s=_length(outages),
        excluded_s=sum(_length(_within(history.maintenance, outage)) for outage in outages),
        outages=len(outages),
        whole_s=_length([(begin, end)]),
    )


def _within(spans: Sequence[Span], whole: Span) -> list[Span]:
    cut = [(max(begin, whole[0]), min(end, whole[1])) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _length(spans: Iterable[Span]) -> float:
    return sum(max(0.0, (end - begin).total_seconds()) for begin, end in spans)
