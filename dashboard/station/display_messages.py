"""What a station's display has to show."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from stations.models import DisplayMessage

SHOWN = 200


@require_safe
@viewer
def display_messages(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.DISPLAY)
    found = DisplayMessage.objects.filter(station=station).order_by("message_id")[:SHOWN]
    context["display_messages"] = list(found)
    return page(request, access, "dashboard/station/display_messages.html", context)
