"""What is known and was told of a station's presence."""

from emobi.core.models import Event
from stations.models import Connection, Connectivity, Station
from tests.gateway.whole.known import Known

KINDS = ("connected", "disconnected", "taken_over", "offline", "online")


def connectivity(known: Known) -> Connectivity:
    found: str = Station.objects.values_list("connectivity", flat=True).get(pk=known.station.pk)
    return Connectivity(found)


def connection(known: Known) -> Connection:
    return Connection.objects.get(pk=known.station.pk)


def presence(known: Known) -> list[str]:
    """The events about it, in their order, without "station."."""
    told = Event.objects.filter(network=known.station.network, station=known.station.identity)
    types = told.order_by("sequence").values_list("type", flat=True)
    return [kind for kind in (each.removeprefix("station.") for each in types) if kind in KINDS]
