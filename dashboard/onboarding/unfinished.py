"""Stations that somebody registered and that have never come in: to go on with, or to forget."""

from collections.abc import Sequence

from emobi.core.models import Network
from stations.models import Connectivity, Registration, Station

MOST = 50


def of(network: Network) -> Sequence[Station]:
    """The newest of them."""
    found = Station.objects.filter(
        network=network, connectivity=Connectivity.NEVER, registration=Registration.ACCEPTED, booted_at=None
    )
    return list(found.order_by("-pk")[:MOST])
