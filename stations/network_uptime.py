"""Uptime of all EVSEs of a network together, read a portion of its stations at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from emobi.core.models import Network
from stations import ledger_reading, uptime
from stations.models import Station
from stations.uptime import Span, Uptime

PORTION = 500
MOST_WORST = 10


@dataclass(kw_only=True)
class Together:
    """A span of a network.

    Attributes:
        evses: How many were there; a station of which none is known counts as one.
        missed: Those of them that didn't reach the target.
        worst: Of these the worst first: percent, identity, EVSE (0: the station).
    """

    period_s: float = 0.0
    away_s: float = 0.0
    evses: int = 0
    missed: int = 0
    worst: list[tuple[float, str, int]] = field(default_factory=list)

    @property
    def percent(self) -> float | None:
        """None: nothing was there."""
        return 100 * (self.period_s - self.away_s) / self.period_s if self.period_s else None

    def add(self, identity: str, found: Uptime) -> None:
        """One more EVSE."""
        percent = found.percent
        if percent is None:
            return
        self.period_s += found.period_s
        self.away_s += found.outage_s - found.excluded_s
        self.evses += 1
        if percent < 100 * uptime.TARGET:
            self.missed += 1
            self.worst = sorted([*self.worst, (percent, identity, found.evse_id)])[:MOST_WORST]


def of(network: Network, spans: Sequence[Span], now: datetime) -> list[Together]:
    """Of each span, as far as it is over ``now``; four queries a portion of the stations."""
    found = [Together() for _ in spans]
    for station, index, evse in _evses(network, spans, now):
        found[index].add(station.identity, evse)
    return found


def by_site(network: Network, span: Span, now: datetime) -> dict[str, Together]:
    """The same of one span by site; "" are the stations of none."""
    found: dict[str, Together] = {}
    for station, _, evse in _evses(network, [span], now):
        found.setdefault(station.site, Together()).add(station.identity, evse)
    return found


def _evses(network: Network, spans: Sequence[Span], now: datetime) -> Iterator[tuple[Station, int, Uptime]]:
    """Each EVSE of each station, and which of the spans it is about."""
    first, end = min(begin for begin, _ in spans), max(end for _, end in spans)
    stations = Station.objects.filter(network=network).order_by("pk")
    after = 0
    while True:
        portion = list(stations.filter(pk__gt=after)[:PORTION])
        histories = ledger_reading.histories(network, portion, first, end)
        for station in portion:
            history = histories[station.pk]
            for index, (begin, until) in enumerate(spans):
                for evse_id in history.evse_ids or [0]:
                    yield station, index, uptime.of_span(history, begin, until, now, evse_id)
        if len(portion) < PORTION:
            return
        after = portion[-1].pk
