"""One station: the parts of its page that every tab has, and an operator's decision about it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.station import neighbours, station_page, tabs
from stations import selectors
from stations.models import Registration
from stations.services.registry import registration, watching

DECISIONS = {"accept": Registration.ACCEPTED, "reject": Registration.REJECTED}


@require_safe
@viewer
def head_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What stands above every tab."""
    tab = tabs.BY_SLUG.get(request.GET.get("tab", ""), tabs.OVERVIEW)
    _, context = station_page.read(access, identity, tab)
    return page(request, access, "dashboard/station/_head.html", context)


@require_safe
@viewer
def commands_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its newest commands, drawn anew: there is another one."""
    _, context = station_page.read(access, identity, tabs.OVERVIEW)
    return page(request, access, "dashboard/station/_lives.html", context)


@require_safe
@viewer
def neighbour(request: HttpRequest, access: Access, identity: str, way: str) -> HttpResponse:
    """The next or previous station of the network by identity, at the same tab."""
    station = or_404(selectors.station, access.network, identity)
    tab = tabs.BY_SLUG.get(request.GET.get("tab", ""))
    if tab is None or way not in neighbours.WAYS:
        raise Http404("There is no such tab.")
    found = neighbours.find(station, way)
    if found is None:
        messages.info(request, f"{station.identity} is the {'last' if way == 'next' else 'first'}.")
    return redirect(tabs.address(found or station, tab))


@require_POST
@operator
def decide(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Accept or reject a station that waits for it."""
    station = or_404(selectors.station, access.network, identity)
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        return HttpResponse("decision: accept or reject", status=422, content_type="text/plain")
    registration.set_registration(station, decision, by=access.actor, address=client_address(request))
    messages.success(request, f"{station.identity} is {decision.label.lower()}: its next boot is told so.")
    if request.POST.get("back") == "connect":
        return redirect("dashboard:connect")
    return redirect("dashboard:station", station.identity)


@require_POST
@viewer
def watch(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Keep an eye on a station, or no longer."""
    station = or_404(selectors.station, access.network, identity)
    watching.watch(station, access.user, wanted=request.POST.get("watch") == "on")
    tab = tabs.BY_SLUG.get(request.POST.get("tab", ""), tabs.OVERVIEW)
    return redirect(tabs.address(station, tab))


@require_POST
@operator
def maintain(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Put a station in maintenance, or take it out again."""
    station = or_404(selectors.station, access.network, identity)
    wanted = request.POST.get("maintenance") == "on"
    registration.change(station, {"maintenance": wanted}, by=access.actor, address=client_address(request))
    told = "in maintenance" if wanted else "no longer in maintenance"
    messages.success(request, f"{station.identity} is {told}.")
    tab = tabs.BY_SLUG.get(request.POST.get("tab", ""), tabs.OVERVIEW)
    return redirect(tabs.address(station, tab))
