"""The list of stations: what a filter finds, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.stations import sorting, station_incidents, station_rows, station_search, status_bars
from dashboard.stations.station_columns import Column
from dashboard.stations.station_filter import CHARGING, StationFilter
from dashboard.stations.station_rows import StationRow
from emobi.core.models import Network
from stations import selectors
from stations.models import Station

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of it, and where the next one begins; ``problems``: what of the search wasn't understood."""

    rows: Sequence[StationRow]
    next: str
    problems: Sequence[str]


def find(network: Network, wanted: StationFilter) -> tuple[QuerySet[Station], Sequence[str]]:
    """All stations that fit, in order, and what of the search wasn't understood."""
    found = selectors.stations(
        network,
        connectivity=wanted.connectivity or None,
        status=wanted.status if wanted.status and wanted.status != CHARGING else None,
        version=wanted.version or None,
    )
    if wanted.status == CHARGING:
        found = found.filter(station_search.charges())
    _, searched = station_search.read(network, wanted.q)
    found = found.filter(searched.condition)
    return sorting.ordered(found, wanted.order, turned=wanted.turned, after=wanted.after), searched.problems


def page(network: Network, wanted: StationFilter, columns: Sequence[Column]) -> Page:
    """The page that begins after ``wanted.after``; four queries, one more with bars."""
    found, problems = find(network, wanted)
    stations = list(station_rows.narrowed(station_incidents.weighed(found))[: PAGE + 1])
    shown = stations[:PAGE]
    bars = status_bars.of(network, shown) if any(column.name == "bars" for column in columns) else {}
    return Page(
        rows=station_rows.of(shown, bars),
        next=wanted.from_(sorting.cursor(shown[-1], wanted.order)) if len(stations) > PAGE else "",
        problems=problems,
    )


def bare(network: Network, wanted: StationFilter) -> QuerySet[Station]:
    """All stations that fit, in order, without their connections and connectors."""
    found, _ = find(network, wanted)
    return found.select_related(None).prefetch_related(None)
