"""The queue of incidents, the page of one, and what is done with them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.incidents import acting, incident_lanes, incident_page, incident_rows, incident_standing
from dashboard.incidents.incident_filter import TABS, IncidentFilter
from dashboard.saved_views.defaults import opens_by_default
from emobi.core.errors import Refused
from stations import incidents
from stations.models import Incident

# So many are chosen on one page at most.
MOST_AT_ONCE = incident_rows.PAGE


@require_safe
@viewer
@opens_by_default("incidents")
def incident_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    return page(request, access, "dashboard/incidents/list.html", _listing(request, access))


@require_safe
@viewer
def incident_rows_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """The list alone; where another filter was chosen the browser's address follows."""
    context = _listing(request, access)
    response = page(request, access, "dashboard/incidents/_list.html", context)
    if request.headers.get("HX-Trigger") == "filters":
        response["HX-Push-Url"] = reverse("dashboard:incidents") + context["filter"].query
    return response


@require_POST
@operator
def act_on_many(request: HttpRequest, access: Access) -> HttpResponse:
    """Do something with the incident of a row, or with all that are chosen.

    Answers a script with the rows of these alone, as they are then: the others stay where they are. One that
    the filter finds no longer is marked.
    """
    verb, _, only = request.POST.get("act", "").partition(":")
    if verb not in acting.FOR_MANY:
        return HttpResponseBadRequest("There is no such action.", content_type="text/plain")
    chosen = [only] if only else request.POST.getlist("id")[:MOST_AT_ONCE]
    found = [or_404(incidents.incident, access.network, each) for each in dict.fromkeys(chosen)]
    done, refusals = acting.with_many(access, verb, found, client_address(request))
    told = f"{done} incident{'' if done == 1 else 's'} {acting.DONE[verb]}." if done else ""
    if not chosen:
        refusals.append("Choose incidents first: tick them, or press x on a row.")
    if request.headers.get("HX-Request") == "true":
        context = _acted(request, access, found) | {"told": told, "refusals": refusals}
        return page(request, access, "dashboard/incidents/_acted.html", context)
    for text in refusals:
        messages.error(request, text)
    if told:
        messages.success(request, told)
    return redirect(reverse("dashboard:incidents") + IncidentFilter.read(request.GET.dict()).query)


def _acted(request: HttpRequest, access: Access, found: Sequence[Incident]) -> dict[str, Any]:
    wanted = IncidentFilter.read(request.GET.dict())
    ids = {each.pk for each in found}
    return {
        "acted": incident_rows.live(access.network, ids),
        "gone": ids - incident_rows.fitting(access, wanted, ids),
        **_tabs(access, wanted),
    }


def _tabs(access: Access, wanted: IncidentFilter) -> dict[str, Any]:
    counts = incidents.open_counts(access.network, access.user)
    tabs = [(tab, word, wanted.to_tab(tab), counts.get(tab)) for tab, word in TABS]
    return {"filter": wanted, "tabs": tabs}


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    wanted = IncidentFilter.read(request.GET.dict())
    listing = incident_rows.page(access, wanted)
    return {
        **_tabs(access, wanted),
        "listing": listing,
        "topic": incident_standing.topic(access.user.get_username(), wanted, listing.rows),
        "first": wanted.from_("") if wanted.after else None,
        "last_resolved_at": None if listing.rows else incidents.last_resolved_at(access.network),
        "section": "incidents",
    }


@require_safe
@viewer
def incident(request: HttpRequest, access: Access, incident_id: str) -> HttpResponse:
    """What is wrong, why we think so, and what happened since."""
    context = _one(access, incident_id)
    if "all" in request.GET:
        # For browsers without scripts: what else comes after the page.
        context |= {part: read(access, context["incident"]) for part, read in _PARTS.items()}
    return page(request, access, "dashboard/incidents/incident.html", context)


@require_safe
@viewer
def incident_fragment(request: HttpRequest, access: Access, incident_id: str) -> HttpResponse:
    """What of it changes by itself."""
    return page(request, access, "dashboard/incidents/_body.html", _one(access, incident_id))


@require_safe
@viewer
def incident_lanes_fragment(request: HttpRequest, access: Access, incident_id: str) -> HttpResponse:
    """What its first stations were in around the time of it."""
    found = or_404(incidents.incident, access.network, incident_id)
    plots = incident_lanes.of(access.network, found)
    return page(request, access, "dashboard/incidents/_lanes.html", {"plots": plots})


@require_safe
@viewer
def incident_part(request: HttpRequest, access: Access, incident_id: str, part: str) -> HttpResponse:
    """What comes after the page: what is done about it, earlier ones like it, what it may be merged with."""
    if part not in _PARTS:
        raise Http404("There is no such part.")
    found = or_404(incidents.incident, access.network, incident_id)
    context = {"incident": found, part: _PARTS[part](access, found)}
    return page(request, access, f"dashboard/incidents/_{part}.html", context)


@require_POST
@operator
def act(request: HttpRequest, access: Access, incident_id: str) -> HttpResponse:
    """Do something with one incident, and show it."""
    found = or_404(incidents.incident, access.network, incident_id)
    said = {name: str(text).replace("\0", "") for name, text in request.POST.dict().items()}
    verb = said.get("act", "")
    if verb not in acting.ACTIONS:
        return HttpResponseBadRequest("There is no such action.", content_type="text/plain")
    said["stations"] = "\n".join(request.POST.getlist("stations"))
    try:
        shown = acting.ACTIONS[verb](access, found, said, client_address(request))
    except Refused as refusal:
        context = _one(access, incident_id) | {"refusal": refusal, "said": said}
        return page(request, access, "dashboard/incidents/incident.html", context, status=422)
    return redirect("dashboard:incident", incident_id=shown.pk)


def _others(access: Access, found: Incident) -> list[Incident]:
    return incident_page.others(access.network, found) if access.may_operate else []


# What of a page comes after it, by the name of its template and of what that finds.
_PARTS: Mapping[str, Callable[[Access, Incident], object]] = {
    "care": incident_page.care,
    "similar": lambda _, found: incident_page.similar(found),
    "others": _others,
}


def _one(access: Access, incident_id: str) -> dict[str, Any]:
    found = or_404(incidents.incident, access.network, incident_id)
    may_act = access.may_operate
    shown = incident_page.of(found)
    return {
        "shown": shown,
        "incident": found,
        "may_split": may_act and shown.may_be_split,
        "people": incident_page.people(access.network) if may_act else [],
        "snoozes": incident_page.SNOOZES,
        **dict.fromkeys(_PARTS),
        "section": "incidents",
    }
