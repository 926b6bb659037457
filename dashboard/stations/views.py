"""The list of stations."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.filters import StationFilter
from dashboard.stations import arrivals, fleet, station_rows


@require_safe
@viewer
def station_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = _listing(request, access) | {
        "fleet": fleet.read(access.network.pk),
        "arrivals": arrivals.counted(access.network.pk),
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
def fleet_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The network's figures alone."""
    return page(request, access, "dashboard/stations/_kpis.html", {"fleet": fleet.read(access.network.pk)})


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    wanted = StationFilter.read(request.GET.dict())
    found = list(
        station_rows.find(
            access.network,
            q=wanted.q,
            connectivity=wanted.connectivity,
            status=wanted.status,
            version=wanted.version,
            after=wanted.after or None,
        )[: station_rows.PAGE + 1]
    )
    shown = found[: station_rows.PAGE]
    more = len(found) > station_rows.PAGE
    return {
        "filter": wanted,
        "rows": station_rows.of(shown),
        "next": wanted.from_(station_rows.cursor(shown[-1])) if more else "",
        "first": wanted.from_("") if wanted.after else None,
    }
