"""One station: its page, the parts of it that are drawn anew, and an operator's decision about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.commands import command_forms
from dashboard.found import or_404
from dashboard.messages import message_list
from dashboard.station import station_page
from dashboard.station.station_page import Now
from stations.models import Registration
from stations.services.registry import registration

DECISIONS = {"accept": Registration.ACCEPTED, "reject": Registration.REJECTED}


@require_safe
@viewer
def station(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The page."""
    now = or_404(station_page.now, access.network, identity)
    context = _now(now, access) | {
        "deviations": station_page.deviations(now.station),
        "lines": message_list.newest_lines(now.station),
        "section": "stations",
    }
    return page(request, access, "dashboard/stations/station.html", context)


@require_safe
@viewer
def head_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What stands above its page."""
    now = or_404(station_page.now, access.network, identity)
    return page(request, access, "dashboard/stations/_head.html", _now(now, access))


@require_safe
@viewer
def evses_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its connectors, drawn anew: there is another one, or another session."""
    now = or_404(station_page.now, access.network, identity)
    return page(request, access, "dashboard/stations/_evses.html", _now(now, access))


@require_safe
@viewer
def commands_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its newest commands, drawn anew: there is another one."""
    now = or_404(station_page.now, access.network, identity)
    return page(request, access, "dashboard/stations/_commands.html", _now(now, access))


@require_safe
@viewer
def sessions_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its newest sessions, drawn anew: there is another one, or one ended."""
    now = or_404(station_page.now, access.network, identity)
    return page(request, access, "dashboard/stations/_sessions.html", _now(now, access))


@require_POST
@operator
def decide(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Accept or reject a station that waits for it."""
    now = or_404(station_page.now, access.network, identity)
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        return HttpResponse("decision: accept or reject", status=422, content_type="text/plain")
    registration.set_registration(now.station, decision, by=access.actor, address=client_address(request))
    messages.success(
        request, f"{now.station.identity} is {decision.label.lower()}: its next boot is told so."
    )
    if request.POST.get("back") == "connect":
        return redirect("dashboard:connect")
    return redirect("dashboard:station", now.station.identity)


def _now(now: Now, access: Access) -> dict[str, Any]:
    return {
        "now": now,
        "station": now.station,
        "row": now.row,
        "profile": station_page.profile(now.station),
        "drift": station_page.drift(now.station),
        "shape": now.shapes[now.row.key],
        "offers": list(command_forms.offers(now.station, access.role)) if access.may_operate else [],
    }
