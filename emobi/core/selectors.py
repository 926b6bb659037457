"""Reads of networks and their events."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet, Subquery

from emobi.core import ulid
from emobi.core.errors import NotFound
from emobi.core.models import Event, EventCounter, Network


def network(slug: str) -> Network:
    """The network of that slug.

    Raises:
        NotFound: If there is none.
    """
    found = Network.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"There is no network {slug}.")
    return found


def events(
    network: Network, *, after: int = 0, types: Collection[str] | None = None, station: str | None = None
) -> QuerySet[Event]:
    """Events of a network in the order of their commits.

    Args:
        network: The network.
        after: Only those with a greater sequence number; whoever goes on from the last one misses none.
        types: Without "emobi."; None: all.
        station: Identity, as the station's subject spells it.
    """
    found = Event.objects.filter(network=network, sequence__gt=after)
    if types is not None:
        found = found.filter(type__in=types)
    if station is not None:
        found = found.filter(station=station)
    return found.order_by("sequence")


def last_sequence(network: Network) -> int:
    """The sequence number of the network's last event; 0 if it has none."""
    return EventCounter.objects.filter(network=network).values_list("value", flat=True).first() or 0


def events_since(network: Network, moment: datetime) -> QuerySet[Event]:
    """Events of a network since ``moment`` by our clocks: a range of numbers whose first an index finds."""
    since = Event.objects.filter(network=network, id__gte=ulid.lowest(moment)).order_by("id")
    return Event.objects.filter(network=network, sequence__gte=Subquery(since.values("sequence")[:1]))


def sequence_at(network: Network, moment: datetime) -> int:
    """A sequence number after which all of the network's events since ``moment`` are. One look at an index.

    By our clocks, which differ by some milliseconds: whoever needs the moment itself compares times, too.
    """
    since = Event.objects.filter(network=network, id__gte=ulid.lowest(moment))
    first = since.order_by("id").values_list("sequence", flat=True).first()
    return last_sequence(network) if first is None else first - 1
