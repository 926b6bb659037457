"""The list of stations."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard import file_exports
from dashboard.access import Access, page, viewer
from dashboard.found import or_404
from dashboard.saved_views.defaults import opens_by_default
from dashboard.station import evse_cards
from dashboard.stations import (
    arrivals,
    exports,
    facets,
    fleet,
    shipped_views,
    standing,
    station_columns,
    station_list,
    station_rows,
    station_score,
    status_bars,
)
from dashboard.stations.station_filter import StationFilter
from sessions import selectors as charging
from sessions import station_health
from stations import incidents, selectors

# Where a session keeps the columns that were chosen last.
COLUMNS_KEY = "station_columns"
# How many a preview has.
INCIDENTS = 5


@require_safe
@viewer
@opens_by_default("stations")
def station_list_page(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = _listing(request, access) | {
        "fleet": fleet.read(access.network.pk),
        "arrivals": arrivals.counted(access),
        "views": shipped_views.of(access.user.get_username()),
        "section": "stations",
    }
    return page(request, access, "dashboard/stations/list.html", context)


@require_safe
@viewer
def station_rows_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The list alone; where another filter was chosen the browser's address follows."""
    context = _listing(request, access)
    response = page(request, access, "dashboard/stations/_list.html", context)
    if request.headers.get("HX-Trigger") == "filters":
        response["HX-Push-Url"] = reverse("dashboard:stations") + context["filter"].query
    return response


@require_safe
@viewer
def healths_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The health of the stations of a page of the list, each to be put in its place there."""
    stations = list(station_list.bare(access.network, _wanted(request))[: station_list.PAGE])
    found = station_health.of(access.network, stations)
    context = {"healths": [(station, station_score.of(found[station.pk])) for station in stations]}
    return page(request, access, "dashboard/stations/_healths.html", context)


@require_safe
@viewer
def fleet_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The network's figures alone."""
    return page(request, access, "dashboard/stations/_kpis.html", {"fleet": fleet.read(access.network.pk)})


@require_safe
@viewer
def facets_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """What the list can be narrowed by, with counts; of the whole network."""
    wanted = _wanted(request)
    context = {
        "groups": [
            (title, [(facet, wanted.narrowed(facet.token)) for facet in found])
            for title, found in facets.of(access.network)
        ]
    }
    return page(request, access, "dashboard/stations/_facets.html", context)


@require_safe
@viewer
def columns_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The form that chooses columns."""
    context = {"filter": _wanted(request), "all_columns": _all_columns(request)}
    return page(request, access, "dashboard/stations/_columns.html", context)


@require_safe
@viewer
def preview_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """One station beside the list."""
    station = or_404(selectors.station, access.network, identity)
    row = station_rows.of([station], status_bars.of(access.network, [station]))[0]
    running = charging.active_sessions([station.pk])[station.pk]
    context = {
        "row": row,
        "station": station,
        "cards": evse_cards.of(station, running),
        "running": running,
        "incidents": list(incidents.unresolved_of(station)[:INCIDENTS]),
    }
    return page(request, access, "dashboard/stations/_preview.html", context)


@require_safe
@viewer
def export(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse:
    """All that the filter finds, as a file."""
    chunks = exports.chunks(access.network, _wanted(request), kind)
    return file_exports.answer(request, access.taker, kind, chunks, "stations")


def _wanted(request: HttpRequest) -> StationFilter:
    """The filter of the URL; with the columns that were chosen last, where it names none."""
    query = request.GET.dict()
    chosen = query.get("columns")
    if chosen and request.session.get(COLUMNS_KEY) != chosen:
        request.session[COLUMNS_KEY] = chosen[:200]
    return StationFilter.read(query)


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    wanted = _wanted(request)
    columns = wanted.shown_columns
    if not wanted.columns:
        columns = station_columns.chosen(str(request.session.get(COLUMNS_KEY, "")))
    found = station_list.page(access.network, wanted, columns)
    return {
        "filter": wanted,
        "columns": columns,
        "heads": [(column, wanted.sorted_by(column.sort) if column.sort else "") for column in columns],
        "rows": found.rows,
        "with_health": any(column.name == "health" for column in columns),
        "problems": found.problems,
        "next": found.next,
        "first": wanted.from_("") if wanted.after else None,
        "by_name": wanted.sorted_by("name"),
        "topic": standing.topic(wanted, found.rows),
    }


def _all_columns(request: HttpRequest) -> list[tuple[station_columns.Column, bool]]:
    """All there are, those that are shown first and in their order."""
    names = StationFilter.read(request.GET.dict()).columns or str(request.session.get(COLUMNS_KEY, ""))
    shown = station_columns.chosen(names)
    others = [column for column in station_columns.COLUMNS.values() if column not in shown]
    return [*((column, True) for column in shown), *((column, False) for column in others)]
