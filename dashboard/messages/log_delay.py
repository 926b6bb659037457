"""Whether the log can be behind what stations say.

A message is written in the transaction of its answer, so that what was answered is there. What a gateway
process that stands still has received isn't: it is behind by as long as it has been silent.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from emobi.core import clock
from emobi.core.models import Network
from stations.models import Connection, GatewayProcess

# Its stations are offline by then, and say so themselves.
GIVEN_UP = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Delay:
    """How long the process has been silent that has been so longest, and how many stations it concerns."""

    seconds: float
    stations: int


def of(network: Network) -> Delay | None:
    """None: nothing is late. Two queries at most."""
    now = clock.wall()
    lease = timedelta(seconds=settings.EMOBI_LEASE_S)
    # It is renewed several times within its length.
    silent = GatewayProcess.objects.filter(
        stopped_at=None, lease_until__lt=now + lease / 3, lease_until__gt=now - GIVEN_UP
    )
    found = dict(silent.values_list("name", "lease_until"))
    if not found:
        return None
    held = Connection.objects.filter(closed_at=None, gateway__in=found, station__network=network)
    stations = held.count()
    if not stations:
        return None
    oldest = min(found.values())
    return Delay(seconds=(now - (oldest - lease)).total_seconds(), stations=stations)
