"""How well a station does, and why: loaded when the page is there, as it costs as much as a page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, part, viewer
from dashboard.found import or_404
from dashboard.stations import station_score
from emobi.core import clock
from sessions import station_health
from stations import selectors

# What is asked for: the section alone, the score in the head alone, or both.
PARTS = ("reasons", "score", "both")


@require_safe
@viewer
def health_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its score, its reasons, or both, as ``part`` says."""
    station = or_404(selectors.station, access.network, identity)
    found = station_health.of(access.network, [station])[station.pk]
    wanted = request.GET.get("part", "")
    context = {
        "section": "stations",
        "station": station,
        "score": station_score.of(found),
        "reasons": station_score.reasons(station, found, access.role),
        "health": found,
        "as_of": clock.wall(),
        "part": wanted if wanted in PARTS else PARTS[0],
    }
    return part(request, access, "dashboard/station/_health_parts.html", context, f"{identity}, its health")
