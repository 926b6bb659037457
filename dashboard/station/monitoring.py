"""The monitors of a station's device model, and what they noticed."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from stations import selectors

MONITORS = 200
EVENTS = 100


@require_safe
@viewer
def monitoring(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.MONITORING)
    context |= {
        "monitors": list(selectors.monitors(station)[:MONITORS]),
        "events": list(selectors.monitored_events(station)[:EVENTS]),
    }
    return page(request, access, "dashboard/station/monitoring.html", context)
