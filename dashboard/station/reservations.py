"""The reservations of a station: those that stand, and what became of others."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from stations import selectors

SHOWN = 100


@require_safe
@viewer
def reservations(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.RESERVATIONS)
    found = list(selectors.reservations(station)[:SHOWN])
    context |= {
        "standing": [each for each in found if each.ended_at is None],
        "over": [each for each in found if each.ended_at is not None],
    }
    return page(request, access, "dashboard/station/reservations.html", context)
