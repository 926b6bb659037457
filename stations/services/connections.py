"""Sockets of stations: who speaks for a station now, and what the others may no longer do.

The newest authenticated socket wins. Each has an epoch; whatever a socket wants written names it, and an
older one's writes, its close included, change nothing.

Rows that others refer to are locked with `no_key` here and elsewhere: PostgreSQL checks the references of a
transaction at its commit, when it holds the events' numbers that whoever locked the row may wait for.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from emobi.core import batch, clock, events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Network
from stations.models import Connection, Connectivity, GatewayProcess, RefusedHandshake, Station


def start_process(name: str, *, host: str, pid: int) -> None:
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


def stop_process(name: str) -> None:
    """The process says goodbye: what is still open there was closed by us."""
    with unit_of_work.begin():
        GatewayProcess.objects.filter(name=name, stopped_at=None).update(stopped_at=Now())
        release(name, code=1012, reason="gateway restarts")


def release(name: str, *, code: int, reason: str) -> int:
    """Close what is open at a process that is gone; its stations get the grace of a restart."""
    now = clock.now()
    with unit_of_work.begin():
        held = list(
            Connection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("station")
            .filter(gateway=name, closed_at=None)
            .order_by("pk")
        )
        station_ids = [each.pk for each in held]
        Connection.objects.filter(pk__in=station_ids).update(
            closed_at=now, close_code=code, close_reason=reason, by_us=True
        )
        _fall_silent(station_ids, now)
        for each in held:
            _tell_closed(each, now, code, reason)
    return len(held)


def open_socket(
    station: Station,
    *,
    gateway: str,
    version: str,
    security_profile: int,
    remote_address: str,
    tls_version: str,
) -> int:
    """Make a socket the one that speaks for ``station``; its epoch."""
    now = clock.now()
    with unit_of_work.begin():
        before = Connection.objects.select_for_update(no_key=True).filter(pk=station.pk).first()
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
        if before is not None and before.closed_at is None:
            let_go(before)
            events.record(
                station.subject,
                events.StationTakenOver(
                    remote_address=remote_address or None, previous_address=before.remote_address or None
                ),
            )
        come_back(station)
    return current.epoch


def let_go(connection: Connection) -> None:
    """Ask the process that holds a socket to close it; needs the open unit of work."""
    unit_of_work.current().nudge(f"gateway.{connection.gateway}", f"drop:{connection.pk}:{connection.epoch}")


def close(station_id: int, epoch: int, *, code: int, reason: str, by_us: bool) -> bool:
    """Note that a socket is gone; False when a newer one speaks for the station, and nothing changes."""
    now = clock.now()
    with unit_of_work.begin():
        found = (
            Connection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("station")
            .filter(pk=station_id, epoch=epoch, closed_at=None)
            .first()
        )
        if found is None:
            return False
        found.closed_at, found.close_code, found.close_reason, found.by_us = now, code, reason[:200], by_us
        found.save(update_fields=["closed_at", "close_code", "close_reason", "by_us"])
        _fall_silent([station_id], now)
        _tell_closed(found, now, code, reason)
    return True


def _fall_silent(station_ids: Sequence[int], now: datetime) -> None:
    Station.objects.filter(pk__in=station_ids, connectivity=Connectivity.ONLINE).update(
        connectivity=Connectivity.SILENT, connectivity_since=now
    )


def _tell_closed(closed: Connection, now: datetime, code: int, reason: str) -> None:
    connected_s = max(0.0, (now - closed.opened_at).total_seconds())
    events.record(
        closed.station.subject,
        events.StationDisconnected(code=code, reason=reason[:200], connected_s=round(connected_s, 3)),
    )


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
    JOIN stations_gatewayprocess AS process ON process.name = gateway
    WHERE closed_at IS NULL AND process.stopped_at IS NULL AND process.lease_until > now()
    ORDER BY station_id FOR NO KEY UPDATE OF stations_connection
)
UPDATE stations_connection AS connection SET last_heard_at = greatest(connection.last_heard_at, current.t)
FROM current WHERE connection.station_id = current.station_id
RETURNING connection.station_id, connection.epoch
"""


def hear(frames: Iterable[tuple[int, int, datetime]]) -> set[tuple[int, int]]:
    """Note when stations were heard, given (station id, epoch, received at); return those that still speak.

    What is not in the answer comes from a socket that was replaced, or from a process whose lease has run
    out: it must write nothing. The others are locked until the commit, so that no newer socket can slip in
    between.
    """
    rows = [{"s": station_id, "e": epoch, "t": clock.iso(at)} for station_id, epoch, at in frames]
    return {(station_id, epoch) for station_id, epoch in batch.execute(_HEARD, rows)}


_STATIONS = f"""
SELECT {batch.columns(Station, "station")} FROM stations_station AS station
JOIN jsonb_to_recordset(%s::jsonb) AS wanted(id bigint) USING (id)
"""


def stations(ids: Collection[int]) -> dict[int, Station]:
    """The stations of a batch, by id."""
    found = batch.read(Station, _STATIONS, [{"id": station_id} for station_id in ids])
    return {station.pk: station for station in found}


def open_at(gateway: str) -> set[tuple[int, int]]:
    """(Station id, epoch) of the sockets at a process that speak for their stations."""
    return set(Connection.objects.filter(gateway=gateway, closed_at=None).values_list("pk", "epoch"))


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
