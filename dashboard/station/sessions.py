"""The newest charging sessions of a station."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from stations.models import Station


@require_safe
@viewer
def sessions(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.SESSIONS)
    return page(request, access, "dashboard/station/sessions.html", context | _sessions(station))


@require_safe
@viewer
def sessions_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Their list, drawn anew: there is another one, or one ended."""
    station, context = station_page.read(access, identity, tabs.SESSIONS)
    return page(request, access, "dashboard/station/_sessions.html", context | _sessions(station))


def _sessions(station: Station) -> dict[str, Any]:
    found = station_page.newest_sessions(station)
    return {"sessions": found, "sessions_shape": station_page.shape_of(found)}
