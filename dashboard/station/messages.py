"""The live end of a station's message log."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.messages import message_list
from dashboard.station import station_page, tabs


@require_safe
@viewer
def messages(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.MESSAGES)
    context["lines"] = message_list.newest_lines(station)
    return page(request, access, "dashboard/station/messages.html", context)
