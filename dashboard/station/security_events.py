"""What a station reported of its own security."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import paging, station_page, tabs

PAGE = 100


@require_safe
@viewer
def security_events(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.SECURITY)
    found = station.security_events.order_by("-pk")
    before = paging.before(request)
    if before is not None:
        found = found.filter(pk__lt=before)
    events = list(found[: PAGE + 1])
    context |= {"events": events[:PAGE], "older": events[PAGE - 1].pk if len(events) > PAGE else ""}
    return page(request, access, "dashboard/station/security_events.html", context)
