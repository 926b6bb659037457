"""How stations get in: where they connect, who waits, who was refused and why."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.stations import arrivals
from stations.addresses import station_urls

EXAMPLE = "CP001"


@require_safe
@viewer
def connect(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    context = {
        "urls": station_urls(access.network.slug, EXAMPLE),
        "example": EXAMPLE,
        "pending": arrivals.pending(access.network.pk),
        "refused": arrivals.refused(access.network.pk),
        "section": "stations",
    }
    return page(request, access, "dashboard/connect/connect.html", context)
