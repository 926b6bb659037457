"""Uptime of a period, as the page shows it: of the network, of its stations, of one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import plots
from dashboard.reports.periods import Period
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
class Row:
    """A station's period: as a whole, its worst EVSE, and what drivers found."""

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


def rows(
    network: Network, shown: Period, after: str | None, *, added_up: bool = False
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


def row(station: Station, history: History, proven: Mapping[str, Any], shown: Period) -> Row:
    """A station's period."""
    return Row(
        station=station,
        whole=uptime.of_span(history, shown.begin, shown.end, shown.complete_to),
        evses=[
            uptime.of_span(history, shown.begin, shown.end, shown.complete_to, evse_id)
            for evse_id in history.evse_ids
        ],
        proven=proven,
    )


@dataclass(frozen=True, kw_only=True)
class Overall:
    """The period of all EVSEs together, and the months until then."""

    together: Together
    plot: plots.BarPlot


def overall(network: Network, shown: Period) -> Overall:
    """Of all stations, whatever it takes."""
    begins = _months(shown, NETWORK_BARS)
    spans = [(begin, uptime.next_month(begin)) for begin in begins]
    found = network_uptime.of(network, [*spans, (shown.begin, shown.end)], shown.complete_to)
    bars = [
        plots.Bar(name=f"{begin:%b %Y}", value=each.percent)
        for begin, each in zip(begins, found[:-1], strict=True)
    ]
    return Overall(together=found[-1], plot=_plot(bars))


def _months(shown: Period, count: int) -> list[datetime]:
    """So many months up to the one in which the period ends."""
    last = first = uptime.month_of(shown.end - timedelta(seconds=1))
    for _ in range(count - 1):
        first = uptime.month_of(first - timedelta(days=1))
    return list(reversed(uptime.months(first, last)))


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


@dataclass(frozen=True, kw_only=True)
class StationReport:
    """What the page of one station shows."""

    row: Row
    plot: plots.BarPlot
    outages: Sequence[Outage]
    exclusions: Sequence[OutageExclusion]


def station_report(network: Network, station: Station, shown: Period) -> StationReport:
    """A station's period with its outages, and the months until then."""
    begins = _months(shown, BARS)
    first, end = min(begins[0], shown.begin), max(uptime.next_month(begins[-1]), shown.end)
    history = ledger_reading.histories(network, [station], first, end)[station.pk]
    proven = session_reports.starts([station.pk], shown.begin, shown.end)[station.pk]
    bars = []
    for begin in begins:
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
