"""Stations that somebody registered and that have never come in: to go on with, for a month."""

from collections.abc import Sequence
from datetime import timedelta

from emobi.core import clock
from emobi.core.models import Network
from stations.models import Connectivity, Registration, Station

MOST = 50
# Who hasn't connected it by then isn't about to. It stays a station like any other.
LISTED_FOR = timedelta(days=30)


def of(network: Network) -> Sequence[Station]:
    """The newest of them, of those that were registered lately."""
    found = Station.objects.filter(
        network=network,
        connectivity=Connectivity.NEVER,
        registration=Registration.ACCEPTED,
        booted_at=None,
        created_at__gt=clock.wall() - LISTED_FOR,
    )
    return list(found.order_by("-pk")[:MOST])
