"""Gateway processes and their leases: who may speak for stations, and what a process leaves behind."""

from datetime import timedelta

from django.conf import settings
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from emobi.core import clock, unit_of_work
from stations.models import Connection, GatewayProcess
from stations.services.presence import connections
from stations.services.presence.connections import Closing


def start(name: str, *, host: str, pid: int) -> None:
    """Enter a gateway process and give it its first lease."""
    GatewayProcess.objects.create(name=name, host=host, pid=pid, lease_until=_lease_end())


def renew_lease(name: str) -> bool:
    """Extend the lease; False when the process has been given up meanwhile and must let its sockets go."""
    return bool(GatewayProcess.objects.filter(name=name, stopped_at=None).update(lease_until=_lease_end()))


def _lease_end() -> CombinedExpression:
    """By the database's clock, the only one that all processes share."""
    return Now() + timedelta(seconds=settings.EMOBI_LEASE_S)


def has_lease(name: str) -> bool:
    """Whether the process may speak for its stations."""
    return GatewayProcess.objects.filter(name=name, stopped_at=None, lease_until__gt=Now()).exists()


def stop(name: str) -> None:
    """The process says goodbye: what is still open there was closed by us."""
    with unit_of_work.begin():
        GatewayProcess.objects.filter(name=name, stopped_at=None).update(stopped_at=Now())
        release(name, code=1012, reason="gateway restarts")


def release(name: str, *, code: int, reason: str) -> int:
    """Close what is open at a process that is gone; its stations get the grace of a restart."""
    now = clock.now()
    with unit_of_work.begin():
        held = Connection.objects.filter(gateway=name, closed_at=None).values_list("pk", "epoch")
        closings = [
            Closing(station_id=pk, epoch=epoch, at=now, code=code, reason=reason, by_us=True)
            for pk, epoch in held
        ]
        return len(connections.close_sockets(closings))


def open_at(name: str) -> set[tuple[int, int]]:
    """(Station id, epoch) of the sockets at a process that speak for their stations."""
    return set(Connection.objects.filter(gateway=name, closed_at=None).values_list("pk", "epoch"))
