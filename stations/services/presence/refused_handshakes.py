"""Handshakes that were refused: kept with their reasons, counted, told to those who know the station."""

from django.db.models import F

from emobi.core import clock, events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Network
from stations.models import RefusedHandshake


def keep(
    *,
    network_id: int | None,
    network_slug: str,
    identity: str,
    known: bool,
    remote_address: str,
    reason: str,
    status: int,
    detail: str,
    times: int = 1,
) -> None:
    """Keep a refused handshake with its reason, that came ``times`` times; the same again only counts.

    One event is recorded for stations that exist: strangers must not fill a network's history.
    """
    now = clock.now()
    if network_id is None:
        network_id = Network.objects.filter(slug=network_slug).values_list("pk", flat=True).first()
    with unit_of_work.begin():
        _, created = RefusedHandshake.objects.get_or_create(
            network_slug=network_slug[:64],
            identity=identity[:64],
            remote_address=remote_address[:64],
            reason=reason[:40],
            defaults={
                "network_id": network_id,
                "status": status,
                "detail": detail[:300],
                "first_at": now,
                "last_at": now,
                "count": times,
            },
        )
        if not created:
            RefusedHandshake.objects.filter(
                network_slug=network_slug[:64],
                identity=identity[:64],
                remote_address=remote_address[:64],
                reason=reason[:40],
            ).update(last_at=now, count=F("count") + times, status=status, detail=detail[:300])
        if network_id is not None and known:
            events.record(
                Subject(network_id=network_id, station=identity),
                events.StationRejected(reason=reason, status=status, remote_address=remote_address or None),
            )
        elif network_id is not None:
            unit_of_work.current().nudge(f"live.{network_id}", identity)
