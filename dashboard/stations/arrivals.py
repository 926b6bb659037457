"""Who wants in: stations that wait for a decision, and handshakes that were refused.

Some that are refused belong to no network: there was no TLS, or no request that names one, or it names one
that isn't there. They may be anybody's, and a network's people must not learn of another's: they are for
those who are above all networks, and for all where there is only one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Q, QuerySet

from dashboard.access import Access
from emobi.core import clock
from emobi.core.models import Network
from stations.models import RefusedHandshake, Registration, Station

# Older refusals say nothing about what is being set up now.
RECENT = timedelta(days=1)
MOST = 100


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """How many wait, and how many were refused of late."""

    pending: int
    refused: int

    @property
    def any(self) -> int:
        return self.pending + self.refused


def pending(network_id: int) -> Sequence[Station]:
    """Stations that wait for an operator, the newest first."""
    waiting = Station.objects.filter(network=network_id, registration=Registration.PENDING)
    return list(waiting.select_related("connection").order_by("-pk")[:MOST])


def refused(access: Access) -> Sequence[RefusedHandshake]:
    """Handshakes refused in the last day, the newest first."""
    return list(_of_late(access).order_by("-last_at")[:MOST])


def counted(access: Access) -> Arrivals:
    """Two queries."""
    waiting = Station.objects.filter(network=access.network, registration=Registration.PENDING)
    return Arrivals(pending=waiting.count(), refused=_of_late(access).count())


def refusals(access: Access) -> QuerySet[RefusedHandshake]:
    """Refused handshakes of the network, and those of none where they may be seen."""
    is_above = access.user.is_superuser and access.own_role is None
    nobodys = Q(network=None) if is_above else Q(~Exists(_others(access)), network=None)
    return RefusedHandshake.objects.filter(nobodys | Q(network=access.network))


def _others(access: Access) -> QuerySet[Network]:
    return Network.objects.exclude(pk=access.network.pk)


def _of_late(access: Access) -> QuerySet[RefusedHandshake]:
    return refusals(access).filter(last_at__gt=clock.wall() - RECENT)
