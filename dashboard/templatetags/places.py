"""The main navigation: see `dashboard.places`."""

from typing import Any

from django import template

from dashboard import places
from dashboard import shortcuts as table
from dashboard.access import Access
from dashboard.live import own_trouble

register = template.Library()


@register.inclusion_tag("dashboard/_places.html")
def navigation(access: Access, section: str) -> dict[str, Any]:
    """Links to the rooms; ``section`` is the one that is looked at.

    What waits in a room is told by the live socket as soon as it is open: no page asks for it.
    """
    shown = places.of(access)
    here = next((place.name for place in shown if place.section == section), "Menu")
    return {"places": shown, "section": section, "here": here}


@register.simple_tag
def keyed_places(access: Access) -> list[places.Place]:
    """The rooms that a key leads to."""
    return [place for place in places.of(access) if place.key]


@register.simple_tag
def shortcuts() -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every key and what it does."""
    return table.SHORTCUTS


@register.inclusion_tag("dashboard/_own_trouble.html")
def own_trouble_banner(access: Access) -> dict[str, Any]:
    """What of Emobi itself is away, as this process knows it; no page asks anybody."""
    return {"troubles": own_trouble.current(), "access": access}
