"""A fleet in the database, as large as the dashboard's promises are about."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from bench import log, stations
from emobi.core import clock, ulid
from emobi.core.models import EventCounter, Network
from stations.models import Station

# Each has two connectors; a third charges, one in fifty is away, one in a hundred faulted.
_STATIONS = """
UPDATE stations_station AS s SET
    connectivity = CASE WHEN n %% 50 = 7 THEN 'offline' ELSE 'online' END,
    connectivity_since = now() - (n %% 1440) * interval '1 minute',
    ocpp_version = CASE WHEN n %% 2 = 0 THEN '1.6' ELSE '2.0.1' END,
    vendor = 'Vendor ' || n %% 7, model = 'Model ' || n %% 21,
    firmware_version = '1.' || n %% 5 || '.' || n %% 3,
    site = 'Depot ' || n %% 100, clock_skew_s = CASE WHEN n %% 200 = 3 THEN 25 ELSE 0.2 END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM stations_station WHERE network_id = %s) AS numbered
WHERE numbered.id = s.id
"""
_CONNECTIONS = """
INSERT INTO stations_connection (station_id, epoch, gateway, ocpp_version, security_profile, remote_address,
    tls_version, opened_at, last_heard_at, closed_at, close_reason, by_us)
SELECT id, 1, 'bench', ocpp_version, 0, '192.0.2.1', '', connectivity_since, now(),
    CASE WHEN connectivity = 'offline' THEN now() END, '', false
FROM stations_station WHERE network_id = %s ON CONFLICT DO NOTHING
"""
_CONNECTORS = """
INSERT INTO stations_connector (station_id, evse_id, connector_id, status, detail, error_code,
    vendor_error_code, info, problems, fault_id, type, changed_at, reported_at)
SELECT s.id, evse, 1, CASE WHEN s.id %% 3 = 0 AND evse = 1 THEN 'Occupied'
    WHEN s.id %% 100 = 1 AND evse = 2 THEN 'Faulted' ELSE 'Available' END, '', '', '', '', '[]', '', '',
    now(), now()
FROM stations_station AS s, generate_series(1, 2) AS evse WHERE s.network_id = %s ON CONFLICT DO NOTHING
"""
_SESSIONS = """
INSERT INTO charging_chargingsession (id, network_id, station_id, evse_id, connector_id, transaction_id,
    state, charging_state, id_token, id_token_type, "authorization", offline, started_at, received_at,
    heard_at, meter_start_wh, meter_last_wh, power_w, reason, suspect, seq_seen)
SELECT lpad(upper(to_hex((extract(epoch FROM now()) * 1000)::bigint)), 10, '0') || lpad(s.id::text, 16, '0'),
    s.network_id, s.id, 1, 1, 'bench-' || s.id, 'active', 'Charging', 'T', '', '', false,
    now() - interval '1 hour', now() - interval '1 hour', now(), 0, 11000, 11000, '', '[]', '[]'
FROM stations_station AS s WHERE s.network_id = %s AND s.id %% 3 = 0 ON CONFLICT DO NOTHING
"""
_TYPES = (
    "connector.status_changed", "station.connected", "session.updated", "station.disconnected",
    "session.meter_values", "session.updated", "connector.status_changed", "session.meter_values",
)  # fmt: skip


def ensure(count: int, *, events: int, frames: int) -> tuple[Network, Sequence[str]]:
    """Network `bench` with so many stations, a day of events and five of messages; and the identities."""
    network = stations.ensure(count)
    with connection.cursor() as cursor:
        for statement in (_STATIONS, _CONNECTIONS, _CONNECTORS, _SESSIONS):
            cursor.execute(statement, [network.pk])
        _tell(network, count, events)
        if frames:
            log.fill(network.pk, Station.objects.filter(network=network).order_by("pk")[0].pk, frames)
        cursor.execute("ANALYZE")
        # As autovacuum does within a minute, which a table that was filled just now hasn't seen.
        cursor.execute("VACUUM core_event")
    return network, list(
        Station.objects.filter(network=network).order_by("identity").values_list("identity", flat=True)
    )


def _tell(network: Network, count: int, events: int) -> None:
    """A day of events, evenly; behind those that other scenarios have left."""
    counter = EventCounter.objects.filter(network=network).first()
    told = counter.value if counter else 0
    if told >= events:
        return
    start, gap = clock.now() - timedelta(days=1), timedelta(days=1) / events
    with connection.cursor() as cursor:
        columns = "id, network_id, sequence, type, station, time, data"
        with cursor.copy(f"COPY core_event ({columns}) FROM STDIN") as copy:
            for number in range(told + 1, events + 1):
                at = start + number * gap
                name = f"{ulid.lowest(at)[:10]}{number:016}"
                identity = f"B{number * 7919 % count:05}"
                copy.write_row((name, network.pk, number, _TYPES[number % 8], identity, at, "{}"))
    EventCounter.objects.update_or_create(network=network, defaults={"value": events})
