"""Uptime of a month, as the page shows it: of the network, of its stations, of one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import plots
from emobi.core import clock
from emobi.core.models import Network
from sessions import session_reports
from stations import ledger_reading, network_uptime, selectors, uptime
from stations.models import Outage, OutageExclusion, Station
from stations.network_uptime import Together
from stations.uptime import History, Uptime

PAGE = 50
BARS = 12
NETWORK_BARS = 6
MOST_OUTAGES = 200


@dataclass(frozen=True, kw_only=True)
class Month:
    """Which month is shown, and until when the ledger knows."""

    begin: datetime
    complete_to: datetime

    @property
    def end(self) -> datetime:
        return uptime.next_month(self.begin)

    @property
    def name(self) -> str:
        return f"{self.begin:%Y-%m}"

    @property
    def previous(self) -> str:
        return f"{self.begin - timedelta(days=1):%Y-%m}"

    @property
    def next(self) -> str:
        """Empty: that hasn't begun."""
        return f"{self.end:%Y-%m}" if self.end <= clock.now() else ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A station's month: as a whole, its worst EVSE, and what drivers found."""

    station: Station
    whole: Uptime
    evses: Sequence[Uptime]
    proven: Mapping[str, Any]

    @property
    def worst(self) -> Uptime:
        """The EVSE that was away longest; the station where none is known."""
        return min(self.evses or [self.whole], key=lambda each: 101 if each.percent is None else each.percent)

    @property
    def reached(self) -> bool:
        """Whether all of it reaches the target."""
        return self.worst.percent is None or self.worst.percent >= 100 * uptime.TARGET

    @property
    def success_percent(self) -> float | None:
        sessions = self.proven["sessions"]
        return 100 * (sessions - self.proven["failed_starts"]) / sessions if sessions else None


def month(network: Network, wanted: str) -> Month:
    """The month that is named, as 2026-11; this one, if it isn't one."""
    try:
        begin = datetime.fromisoformat(f"{wanted}-01T00:00:00Z")
    except ValueError:
        begin = clock.now()
    complete_to = min(clock.now(), ledger_reading.complete_to(network))
    return Month(begin=uptime.month_of(min(begin, clock.now())), complete_to=complete_to)


def rows(
    network: Network, shown: Month, after: str | None, *, added_up: bool = False
) -> tuple[list[Row], str]:
    """A page of stations by identity, and after which the next one begins: "" at the end.

    What drivers found is counted; with ``added_up`` it is all that `session_reports.by_station` has.
    """
    of_network = selectors.stations(network, after=after or None).select_related(None).prefetch_related(None)
    found = list(of_network[: PAGE + 1])
    stations = found[:PAGE]
    histories = ledger_reading.histories(network, stations, shown.begin, shown.end)
    read: Callable[..., Mapping[int, Mapping[str, Any]]] = (
        session_reports.by_station if added_up else session_reports.starts
    )
    totals = read([each.pk for each in stations], shown.begin, shown.end)
    made = [row(each, histories[each.pk], totals[each.pk], shown) for each in stations]
    return made, stations[-1].identity if len(found) > PAGE else ""


def row(station: Station, history: History, proven: Mapping[str, Any], shown: Month) -> Row:
    """A station's month."""
    return Row(
        station=station,
        whole=uptime.of_month(history, shown.begin, shown.complete_to),
        evses=[
            uptime.of_month(history, shown.begin, shown.complete_to, evse_id) for evse_id in history.evse_ids
        ],
        proven=proven,
    )


@dataclass(frozen=True, kw_only=True)
class Overall:
    """The month of all EVSEs together, and the months before."""

    month: Together
    plot: plots.BarPlot


def overall(network: Network, shown: Month) -> Overall:
    """Of all stations, whatever it takes."""
    first = shown.begin
    for _ in range(NETWORK_BARS - 1):
        first = uptime.month_of(first - timedelta(days=1))
    begins = list(reversed(uptime.months(first, shown.begin)))
    spans = [(begin, uptime.next_month(begin)) for begin in begins]
    found = network_uptime.of(network, spans, shown.complete_to)
    bars = [
        plots.Bar(name=f"{begin:%b %Y}", value=each.percent)
        for begin, each in zip(begins, found, strict=True)
    ]
    return Overall(month=found[-1], plot=_plot(bars))


def _together(found: Sequence[Uptime]) -> float | None:
    period = sum(each.period_s for each in found)
    if not period:
        return None
    return 100 * (period - sum(each.outage_s - each.excluded_s for each in found)) / period


def _plot(bars: Sequence[plots.Bar]) -> plots.BarPlot:
    lowest = min((each.value for each in bars if each.value is not None), default=100.0)
    return plots.BarPlot(
        caption="Uptime by month",
        unit="%",
        bars=bars,
        target=100 * uptime.TARGET,
        target_name="Target",
        low=90.0 if lowest >= 90 else 0.0,
        high=100.0,
        digits=2,
    )


_NO_SESSION = {"sessions": 0, "failed_starts": 0, "refused": 0, "zero_energy": 0}


@dataclass(frozen=True, kw_only=True)
class StationReport:
    """What the page of one station shows."""

    row: Row
    plot: plots.BarPlot
    outages: Sequence[Outage]
    exclusions: Sequence[OutageExclusion]


def station_report(network: Network, station: Station, shown: Month) -> StationReport:
    """A station's month with its outages, and the months before."""
    first = shown.begin
    for _ in range(BARS - 1):
        first = uptime.month_of(first - timedelta(days=1))
    history = ledger_reading.histories(network, [station], first, shown.end)[station.pk]
    outcomes = session_reports.outcomes_by_month([station.pk], shown.begin, shown.end)
    proven = outcomes.get((station.pk, shown.begin), _NO_SESSION)
    bars = []
    for begin in reversed(uptime.months(first, shown.begin)):
        found = [
            uptime.of_month(history, begin, shown.complete_to, evse_id) for evse_id in history.evse_ids or [0]
        ]
        bars.append(plots.Bar(name=f"{begin:%b %Y}", value=_together(found)))
    lasted = ledger_reading.outages([station.pk], shown.begin, shown.end).order_by("-began_at", "-pk")
    excluded = ledger_reading.exclusions([station.pk], shown.begin, shown.end).order_by("-pk")
    return StationReport(
        row=row(station, history, proven, shown),
        plot=_plot(bars),
        outages=list(lasted[:MOST_OUTAGES]),
        exclusions=list(excluded[:MOST_OUTAGES]),
    )
