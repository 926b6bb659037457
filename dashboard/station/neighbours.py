"""The stations before and after one in the list."""

from django.db.models import Value
from django.db.models.functions import Lower

from stations.models import Station

WAYS = ("next", "previous")


def find(station: Station, way: str) -> Station | None:
    """The one that follows by identity, or (``way`` "previous") that comes before; None at the end."""
    of_network = Station.objects.filter(network=station.network_id).annotate(sort_key=Lower("identity"))
    # In lower case by the database's rules, not by Python's.
    here = Lower(Value(station.identity))
    if way == "next":
        return of_network.filter(sort_key__gt=here).order_by("sort_key").first()
    return of_network.filter(sort_key__lt=here).order_by("-sort_key").first()
