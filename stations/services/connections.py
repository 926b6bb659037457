"""Sockets of stations: who speaks for a station now, and what the others may no longer do.

The newest authenticated socket wins. Each has an epoch; whatever a socket wants written names it, and an
older one's writes, its close included, change nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from emobi.core import batch, clock, events, unit_of_work
from emobi.core.events import Subject
from stations.models import Connection, Connectivity, GatewayProcess, RefusedHandshake, Station

# Renewed three times within its length, by the database's clock.
LEASE = timedelta(seconds=45)
RENEW_S = 15


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A socket that now speaks for its station; ``replaced`` names the process of one that was still open."""

    epoch: int
    replaced: str | None


def start_process(name: str, *, host: str, pid: int) -> None:
    """Enter a gateway process and give it its first lease."""
    GatewayProcess.objects.create(name=name, host=host, pid=pid, lease_until=Now() + LEASE)


def renew_lease(name: str) -> bool:
    """Extend the lease; False when the process has been given up meanwhile and must let its sockets go."""
    return bool(GatewayProcess.objects.filter(name=name, stopped_at=None).update(lease_until=Now() + LEASE))


def stop_process(name: str) -> None:
    """The process says goodbye: what is still open there was closed by us."""
    with unit_of_work.begin():
        GatewayProcess.objects.filter(name=name, stopped_at=None).update(stopped_at=Now())
        release(name, "gateway stopped")


def release(name: str, reason: str) -> int:
    """Close what is open at a process that is gone; its stations get the grace of a restart."""
    rows = list(
        Connection.objects.select_for_update().filter(gateway=name, closed_at=None).values_list("pk", "epoch")
    )
    for station_id, epoch in rows:
        close(station_id, epoch, code=1006, reason=reason, by_us=True)
    return len(rows)


def open_socket(
    station: Station,
    *,
    gateway: str,
    version: str,
    security_profile: int,
    remote_address: str,
    tls_version: str,
) -> Opened:
    """Make a socket the one that speaks for ``station``."""
    now = clock.now()
    with unit_of_work.begin():
        before = Connection.objects.select_for_update().filter(pk=station.pk).first()
        current = Connection(
            station=station,
            epoch=before.epoch + 1 if before else 1,
            gateway=gateway,
            ocpp_version=version,
            security_profile=security_profile,
            remote_address=remote_address[:64],
            tls_version=tls_version,
            opened_at=now,
            last_heard_at=now,
        )
        current.save(force_insert=before is None, force_update=before is not None)
        station.ocpp_version = version
        Station.objects.filter(pk=station.pk).exclude(ocpp_version=version).update(ocpp_version=version)
        events.record(
            station.subject,
            events.StationConnected(
                remote_address=remote_address or None,
                security_profile=security_profile,
                tls_version=tls_version or None,
            ),
        )
        replaced = before is not None and before.closed_at is None
        if replaced and before is not None:
            events.record(
                station.subject,
                events.StationTakenOver(
                    remote_address=remote_address or None, previous_address=before.remote_address or None
                ),
            )
        come_back(station)
    return Opened(epoch=current.epoch, replaced=before.gateway if replaced and before else None)


def close(station_id: int, epoch: int, *, code: int, reason: str, by_us: bool) -> bool:
    """Note that a socket is gone; False when a newer one speaks for the station, and nothing changes."""
    now = clock.now()
    with unit_of_work.begin():
        found = (
            Connection.objects.select_for_update()
            .select_related("station")
            .filter(pk=station_id, epoch=epoch, closed_at=None)
            .first()
        )
        if found is None:
            return False
        found.closed_at, found.close_code, found.close_reason, found.by_us = now, code, reason[:200], by_us
        found.save(update_fields=["closed_at", "close_code", "close_reason", "by_us"])
        Station.objects.filter(pk=station_id, connectivity=Connectivity.ONLINE).update(
            connectivity=Connectivity.SILENT, connectivity_since=now
        )
        connected_s = max(0.0, (now - found.opened_at).total_seconds())
        events.record(
            found.station.subject,
            events.StationDisconnected(code=code, reason=reason[:200], connected_s=round(connected_s, 3)),
        )
    return True


def come_back(station: Station) -> None:
    """The station is heard: it is online, whatever was thought of it. Needs the open unit of work."""
    if station.connectivity == Connectivity.ONLINE:
        return
    now = clock.now()
    changed = (
        Station.objects.filter(pk=station.pk)
        .exclude(connectivity=Connectivity.ONLINE)
        .update(connectivity=Connectivity.ONLINE, connectivity_since=now)
    )
    if changed and station.connectivity in (Connectivity.OFFLINE, Connectivity.NEVER):
        was_away = station.connectivity == Connectivity.OFFLINE
        offline_s = max(0.0, (now - station.connectivity_since).total_seconds()) if was_away else None
        events.record(station.subject, events.StationOnline(offline_s=offline_s))
    station.connectivity, station.connectivity_since = Connectivity.ONLINE, now


# Locked in the order of their keys, so that two processes in a hand-over can't wait for each other.
_HEARD = """
WITH heard AS (
    SELECT s, e, max(t) AS t FROM jsonb_to_recordset(%s::jsonb) AS r(s bigint, e bigint, t timestamptz)
    GROUP BY s, e
), current AS (
    SELECT station_id, heard.t FROM stations_connection JOIN heard ON s = station_id AND e = epoch
    WHERE closed_at IS NULL ORDER BY station_id FOR NO KEY UPDATE OF stations_connection
)
UPDATE stations_connection AS connection SET last_heard_at = greatest(connection.last_heard_at, current.t)
FROM current WHERE connection.station_id = current.station_id
RETURNING connection.station_id, connection.epoch
"""


def hear(frames: Iterable[tuple[int, int, datetime]]) -> set[tuple[int, int]]:
    """Note when stations were heard, given (station id, epoch, received at); return those that still speak.

    What is not in the answer comes from a socket that was replaced or given up: it must write nothing. The
    others are locked until the commit, so that no newer socket can slip in between.
    """
    rows = [{"s": station_id, "e": epoch, "t": clock.iso(at)} for station_id, epoch, at in frames]
    return {(station_id, epoch) for station_id, epoch in batch.execute(_HEARD, rows)}


def open_at(gateway: str) -> Sequence[int]:
    """Ids of the stations whose newest socket is open at a process."""
    return list(Connection.objects.filter(gateway=gateway, closed_at=None).values_list("pk", flat=True))


def refuse(
    *,
    network_id: int | None,
    network_slug: str,
    identity: str,
    known: bool,
    remote_address: str,
    reason: str,
    status: int,
    detail: str,
) -> None:
    """Keep a refused handshake with its reason; the same again only counts.

    An event is recorded for stations that exist: strangers must not fill a network's history.
    """
    now = clock.now()
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
            },
        )
        if not created:
            RefusedHandshake.objects.filter(
                network_slug=network_slug[:64],
                identity=identity[:64],
                remote_address=remote_address[:64],
                reason=reason[:40],
            ).update(last_at=now, count=F("count") + 1, status=status, detail=detail[:300])
        if network_id is not None and known:
            events.record(
                Subject(network_id=network_id, station=identity),
                events.StationRejected(reason=reason, status=status, remote_address=remote_address or None),
            )
        elif network_id is not None:
            unit_of_work.current().nudge(f"live.{network_id}", identity)


def reachable() -> bool:
    """Whether the database answers."""
    connection.ensure_connection()
    return bool(connection.is_usable())
