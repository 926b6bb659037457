"""The overview: what the connectors do, what the station is made of, and what it does differently."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import evse_cards, station_page, tabs
from dashboard.station.evse_cards import EvseCard
from stations import selectors
from stations.models import Deviation, Reservation, Station

DEVIATIONS = 20


@require_safe
@viewer
def overview(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    now = station_page.find(access, identity, watched=True)
    context = station_page.context(now, access, tabs.OVERVIEW) | _cards(now)
    context["deviations"] = deviations(now.station)
    return page(request, access, "dashboard/station/overview.html", context)


@require_safe
@viewer
def evses_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Its connectors, drawn anew: there is another one, or another session."""
    now = station_page.find(access, identity, watched=True)
    context = station_page.context(now, access, tabs.OVERVIEW) | _cards(now)
    return page(request, access, "dashboard/station/_evses.html", context)


def _cards(now: station_page.Now) -> dict[str, Any]:
    cards = station_page.cards(now)
    reserved = _reserved(now.station)
    return {
        "cards": [(card, _reservation(card, reserved)) for card in cards],
        "cards_shape": evse_cards.shape_of(cards),
    }


def _reserved(station: Station) -> Sequence[Reservation]:
    return list(selectors.reservations(station, active=True)[:20])


def _reservation(card: EvseCard, reserved: Sequence[Reservation]) -> Reservation | None:
    """Who has reserved the EVSE; one for any EVSE is told at each."""
    return next((each for each in reserved if each.evse_id in (None, card.connector.evse_id)), None)


def deviations(station: Station) -> list[Deviation]:
    """In which ways its messages differ from OCPP, the most frequent first."""
    return list(selectors.deviations(station)[:DEVIATIONS])
