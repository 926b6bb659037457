"""Planned maintenance: what is planned and runs, and a form for more."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import filters
from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.bulk.selection import NOTHING_CHOSEN, Selection
from dashboard.found import or_404
from emobi.core.errors import Invalid, Refused
from stations.models import Station
from stations.services.registry import maintenance_windows

SHOWN = 100
MOST_SITES = 500
# An identity may hold spaces, and no line break.
LONGEST = maintenance_windows.MOST_STATIONS * 50


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def windows(request: HttpRequest, access: Access) -> HttpResponse:
    """The page, and what its form sends."""
    if request.method != "POST":
        return _page(request, access, {})
    if not access.may_operate:
        raise PermissionDenied("Maintenance is planned by operators.")
    filled = {name: str(text).replace("\0", "") for name, text in request.POST.items()}
    try:
        maintenance_windows.plan(
            access.network,
            site=filled.get("site", ""),
            identities=_lines(filled.get("stations", "")),
            begins_at=_moment(filled, "begins_at"),
            ends_at=_moment(filled, "ends_at"),
            reason=filled.get("reason", ""),
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        return _page(request, access, filled, refusal)
    messages.success(request, "Planned. It begins and ends by itself.")
    return redirect("dashboard:maintenance-windows")


@require_POST
@operator
def prepare(request: HttpRequest, access: Access) -> HttpResponse:
    """The form with the stations that were selected in their list."""
    chosen = Selection.read(request.POST)
    if chosen.is_empty:
        return _page(request, access, {}, Invalid(f"{NOTHING_CHOSEN}.", "identities"))
    stations = chosen.stations(access.network)
    identities = stations.values_list("identity", flat=True)[: maintenance_windows.MOST_STATIONS]
    return _page(request, access, {"stations": "\n".join(identities)})


@require_POST
@operator
def end(request: HttpRequest, access: Access, window_id: str) -> HttpResponse:
    """Take one back, or end it now."""
    found = or_404(maintenance_windows.find, access.network, window_id)
    if not maintenance_windows.end(found, by=access.actor, address=client_address(request)):
        messages.warning(request, "It was over already.")
    return redirect("dashboard:maintenance-windows")


def _page(
    request: HttpRequest, access: Access, filled: Mapping[str, str], refusal: Refused | None = None
) -> HttpResponse:
    sites = Station.objects.filter(network=access.network).exclude(site="").order_by("site")
    context = {
        "section": "settings",
        "tab": "maintenance",
        "windows": list(maintenance_windows.newest(access.network)[:SHOWN]),
        "sites": sites.values_list("site", flat=True).distinct()[:MOST_SITES],
        "filled": filled,
        "refusal": refusal,
        "field": refusal.field if isinstance(refusal, Invalid) else "",
    }
    return page(
        request, access, "dashboard/maintenance/windows.html", context, status=422 if refusal else 200
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text[:LONGEST].splitlines() if line.strip()]


def _moment(filled: Mapping[str, str], name: str) -> datetime:
    """A time in the zone of whoever typed it.

    Raises:
        Invalid: If it is none.
    """
    found = filters.time(filled.get(name, ""))
    if found is None:
        raise Invalid("Say when.", name)
    return found
