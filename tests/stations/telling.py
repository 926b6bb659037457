"""Messages handled as the gateway handles them, and what came of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from stations.models import Station

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after noon, by our clock."""
    return NOON + timedelta(seconds=seconds)


def tell[**P, Answer](verb: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
    """Have a message handled by itself, received at noon."""
    return tell_at(NOON, verb, *args, **kwargs)


def tell_at[**P, Answer](
    received: datetime, verb: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs
) -> Answer:
    """The same, received at another time."""
    with unit_of_work.begin(), clock.at(received):
        return verb(*args, **kwargs)


def told(about: Network | Station, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a network or station in order, with their data; of some types only, if given."""
    if isinstance(about, Station):
        found = Event.objects.filter(network_id=about.network_id, station=about.identity)
    else:
        found = Event.objects.filter(network=about)
    if types:
        found = found.filter(type__in=types)
    return [(event.type, event.data) for event in found.order_by("sequence")]


def types(about: Network | Station) -> list[str]:
    """The types of the events, in order."""
    return [kind for kind, _ in told(about)]
