"""What a station can be asked, by heading, and what it was asked lately."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, operator, page
from dashboard.commands import command_forms
from dashboard.commands.command_lives import Life
from dashboard.search_words import Token
from dashboard.station import station_page, tabs
from stations import selectors
from stations.models import Station

PAGE = 25
LONGEST_SEARCH = 80


@require_safe
@operator
def commands(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.COMMANDS)
    context |= _offers(request, access, station)
    begins = {name: request.GET.get(name, "")[:26].replace("\0", "") for name in ("before", "at")}
    lives = past(station, **begins)
    older = lives[PAGE - 1].command.pk if len(lives) > PAGE else ""
    context |= {"past": lives[:PAGE], "older": older, "is_older": any(begins.values())}
    context["of_station"] = str(Token("station", "", station.identity))
    return page(request, access, "dashboard/station/commands.html", context)


@require_safe
@operator
def menu_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What it can be asked, for the dialog that every tab opens."""
    station, context = station_page.read(access, identity, tabs.COMMANDS)
    context |= _offers(request, access, station) | {"in_dialog": True}
    return page(request, access, "dashboard/station/_command_menu.html", context)


def past(station: Station, *, before: str = "", at: str = "") -> Sequence[Life]:
    """What it was asked, the newest first, and one more than a page shows.

    Args:
        station: Whose.
        before: Only what is older than the command of this id.
        at: The command of this id comes first.
    """
    found = selectors.commands(station, before=before or None)
    if at:
        found = found.filter(pk__lte=at)
    return [Life(command=command) for command in found[: PAGE + 1]]


def _offers(request: HttpRequest, access: Access, station: Station) -> dict[str, Any]:
    q = request.GET.get("command", "")[:LONGEST_SEARCH].strip()
    found = [(group, offers) for group, offers in command_forms.offers(station, access.role, q) if offers]
    return {"offers": found, "command_q": q}
