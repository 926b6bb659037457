"""The command palette's list."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.palette import finds

LONGEST = 100


@require_safe
@viewer
def palette(request: HttpRequest, access: Access) -> HttpResponse:
    """What is found, as links."""
    text = request.GET.get("q", "").replace("\0", "")[:LONGEST]
    found = finds.find(access, text, request.GET.get("here", ""))
    return page(request, access, "dashboard/palette/_finds.html", {"found": found, "text": text})
