"""The overview and the wall. Each panel fails alone: the others are shown, and it can be tried again."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import request_ids
from dashboard.access import Access, page, part, viewer_or_wall
from dashboard.overview import attention, attention_standing, measures, panels, wall
from dashboard.overview.lately import lately
from dashboard.stations import arrivals, fleet
from emobi.core.models import Network

log = logging.getLogger(__name__)

# What doesn't change by the second is read again after so many of them.
KEPT_S = {"power": 60.0, "churn": 60.0, "spread": 30.0, "gateways": 3.0}
FIGURES_S = 2.0

_PANELS: Mapping[str, tuple[str, Callable[[Network], object]]] = {
    "power": ("Power", panels.power),
    "churn": ("Connections opened and lost", panels.churn),
    "spread": ("Protocols and firmware", panels.spread),
    "gateways": ("Gateway processes", panels.gateways),
}


@require_safe
@viewer_or_wall
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """The page; with ``wall=1`` the wall."""
    if request.GET.get("wall") == "1":
        return _wall(request, access)
    context: dict[str, Any] = {
        "section": "overview",
        "panels": [(name, title) for name, (title, _) in _PANELS.items()],
        "fleet": _read(request, lambda: _fleet(access.network)),
        "measures": _read(request, lambda: _measures(access.network)),
        "request_id": request.META.get(request_ids.META_KEY, ""),
    }
    if context["fleet"] is not None and not context["fleet"].stations:
        context["arrivals"] = arrivals.counted(access)
    else:
        context |= _read(request, lambda: _attention(access.network)) or {}
    return page(request, access, "dashboard/overview/overview.html", context)


@require_safe
@viewer_or_wall
def attention_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """What needs somebody."""
    return page(request, access, "dashboard/overview/_attention.html", _attention(access.network))


@require_safe
@viewer_or_wall
def measures_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """Figures of the gateway."""
    return page(
        request, access, "dashboard/overview/_measures.html", {"measures": measures.read(access.network)}
    )


@require_safe
@viewer_or_wall
def fleet_fragment(request: HttpRequest, access: Access) -> HttpResponse:
    """Figures of the fleet."""
    context = {"fleet": fleet.read(access.network.pk), "measures": _measures(access.network)}
    return page(request, access, "dashboard/overview/_fleet.html", context)


@require_safe
@viewer_or_wall
def panel(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """One panel."""
    if name not in _PANELS:
        raise Http404("There is no such panel.")
    title, read = _PANELS[name]
    # A plot is in the zone of whoever looks.
    key = f"panel.{name}.{timezone.get_current_timezone_name()}"
    found = lately(key, access.network.pk, KEPT_S[name], lambda: read(access.network))
    context = {"section": "overview", "name": name, "title": title, "panel": found}
    return part(request, access, "dashboard/overview/_panel.html", context, title)


@require_safe
@viewer_or_wall
def wall_places(request: HttpRequest, access: Access) -> JsonResponse:
    """The wall anew, and who stands where on it: letters, identities and groups, in its order."""
    places = lately("places", access.network.pk, FIGURES_S, lambda: wall.places(access.network))
    return JsonResponse(
        {
            "layout": places.layout,
            "all": places.letters,
            "identities": places.identities,
            "kinds": {kind: {"names": names, "of": of} for kind, (names, of) in places.kinds.items()},
        }
    )


def _wall(request: HttpRequest, access: Access) -> HttpResponse:
    if access.wall:
        # Browsers keep a cookie for 400 days at most, whatever they are told: from today on again.
        request.session.modified = True
    letters = lately("wall", access.network.pk, FIGURES_S, lambda: wall.letters(access.network))
    snapshot = "".join(letters.values())
    names, of = lately("sites", access.network.pk, 10.0, lambda: wall.sites(access.network))
    context = {
        "section": "overview",
        "snapshot": {"layout": wall.layout(letters), "all": snapshot, "names": names, "of": of},
        "legend": [(state, snapshot.count(state.letter)) for state in wall.STATES],
        "total": len(snapshot),
        "groups": wall.groups(snapshot, names, of),
        "panels": ["attention", *_PANELS],
        "fleet": _fleet(access.network),
        "measures": _measures(access.network),
    }
    return page(request, access, "dashboard/overview/wall.html", context)


def _fleet(network: Network) -> fleet.Fleet:
    return lately("fleet", network.pk, FIGURES_S, lambda: fleet.read(network.pk))


def _attention(network: Network) -> dict[str, Any]:
    found = attention.read(network)
    return {"attention": found, "attention_topic": attention_standing.topic(found)}


def _measures(network: Network) -> measures.Measures:
    return lately("measures", network.pk, FIGURES_S, lambda: measures.read(network))


def _read[T](request: HttpRequest, read: Callable[[], T]) -> T | None:
    """What a panel shows; None where it couldn't be read, which is told in its place."""
    try:
        return read()
    except Exception:  # whatever fails, the rest of the page is shown
        log.exception("a panel of %s couldn't be read", request.path)
        return None
