"""Who wants in: stations that wait for a decision, and handshakes that were refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from emobi.core import clock
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


def refused(network_id: int) -> Sequence[RefusedHandshake]:
    """Handshakes refused in the last day, the newest first."""
    return list(_refused(network_id).order_by("-last_at")[:MOST])


def counted(network_id: int) -> Arrivals:
    """Two queries."""
    waiting = Station.objects.filter(network=network_id, registration=Registration.PENDING)
    return Arrivals(pending=waiting.count(), refused=_refused(network_id).count())


def _refused(network_id: int) -> QuerySet[RefusedHandshake]:
    return RefusedHandshake.objects.filter(network=network_id, last_at__gt=clock.wall() - RECENT)
