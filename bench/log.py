"""Reading the message log at five million rows."""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection

from bench import stations
from bench.wire import quantile
from emobi.core import clock
from emobi.core.models import Network
from stations import exchange_log, frame_ids, message_log
from stations.exchange_log import Pattern, Result, Wanted
from stations.message_log import Filter
from stations.models import Direction, Kind, Station
from stations.services.log import frames

DAYS = 5

# What `evse:2` is on the dashboard; in the bench all frames are of connector 1.
_OF_EVSE = Pattern(
    expression=r'"(connectorId|evseId)"\s*:\s*2[,}]|"evse"\s*:\s*\{\s*"id"\s*:\s*2[,}]',
    holds=['"connectorId"', '"evse'],
)

# A frame every few milliseconds over five days, each CALL followed by its answer: actions as a fleet has
# them, one error in a thousand.
_FILL = """
INSERT INTO stations_frame (
    id, at, network_id, station_id, direction, kind, message_id, action, error_code, note, text, pair_id,
    round_trip_ms
)
SELECT
    %(first)s + n * %(step)s, %(start)s::timestamptz + n * %(gap)s::interval, %(network)s,
    %(station)s + (n / 2 * 7919) %% %(stations)s,
    n %% 2, CASE WHEN n %% 2 = 0 THEN 2 WHEN n %% 1000 = 999 THEN 4 ELSE 3 END, 'm' || n,
    CASE WHEN n %% 100000 = 0 THEN 'Reset' WHEN n %% 4 < 2 THEN 'Heartbeat' ELSE 'MeterValues' END,
    CASE WHEN n %% 1000 = 999 THEN 'InternalError' ELSE '' END, '',
    '[2,"m' || n || '","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z",'
    '"sampledValue":[{"value":"' || n || '","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]',
    %(first)s + (CASE WHEN n %% 2 = 0 THEN n + 1 ELSE n - 1 END) * %(step)s,
    CASE WHEN n %% 2 = 1 THEN 1.5 + n %% 7 END
FROM generate_series(0::bigint, %(rows)s - 1) AS n
"""


def log(options: argparse.Namespace) -> Mapping[str, Any]:
    """The slowest of several reads of each kind, in ms."""
    rows = 200_000 if options.quick else 5_000_000
    network = stations.ensure(1000)
    station = Station.objects.filter(network=network).order_by("pk")[0]
    fill(network.pk, station.pk, rows)
    reads = {
        "fleet": Filter(network_id=network.pk),
        "station": Filter(network_id=network.pk, station_id=station.pk + 17),
        "action": Filter(network_id=network.pk, action="Reset"),
        "station_action": Filter(network_id=network.pk, station_id=station.pk + 17, action="MeterValues"),
        "errors": Filter(network_id=network.pk, kind=Kind.ERROR),
        "error_code": Filter(network_id=network.pk, error_code="InternalError"),
        "direction": Filter(network_id=network.pk, direction=Direction.SENT),
        "hour": Filter(
            network_id=network.pk,
            since=clock.now() - timedelta(days=2, hours=1),
            until=clock.now() - timedelta(days=2),
        ),
        "text": Filter(network_id=network.pk, text="nowhere to be found"),
    }
    return {
        "rows": rows,
        **{f"{name}_ms": _worst_page(partial(message_log.page, wanted)) for name, wanted in reads.items()},
        **_exchanges(network, station.pk + 17),
    }


def _exchanges(network: Network, station_id: int) -> Mapping[str, Any]:
    """The same of what the dashboard shows: exchanges, by what is typed there."""
    of_network = Wanted(network_id=network.pk)
    reads = {
        "fleet": of_network,
        "station": replace(of_network, station_ids=[station_id]),
        "action": replace(of_network, actions=["Reset"]),
        "errors": replace(of_network, result=Result.ERROR),
        "slow": replace(of_network, slower_ms=500),
        "unanswered": replace(of_network, result=Result.NONE),
        "text": replace(of_network, texts=["nowhere to be found"]),
        "path": replace(of_network, values=[("meterValue.sampledValue.value", "nowhere")]),
        "session": replace(
            of_network, station_ids=[station_id], patterns=[Pattern('"transactionId":4711[,}]', ["4711"])]
        ),
    }
    reads["evse"] = replace(of_network, station_ids=[station_id], patterns=[_OF_EVSE])
    until = clock.now()
    start = time.perf_counter()
    exchange_log.volume(of_network, until - timedelta(hours=1), until, 60)
    volume_ms = round((time.perf_counter() - start) * 1000, 1)
    return {
        **{
            f"exchanges_{name}_ms": _worst_page(partial(exchange_log.page, each))
            for name, each in reads.items()
        },
        "volume_ms": volume_ms,
    }


def fill(network_id: int, station_id: int, rows: int) -> None:
    start = clock.now() - timedelta(days=DAYS)
    for day in range(DAYS + 1):
        frames.keep_partitions((start + timedelta(days=day)).date())
    gap = timedelta(days=DAYS) / rows
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "first": frame_ids.lowest(start),
                "step": (frame_ids.lowest(clock.now()) - frame_ids.lowest(start)) // rows,
                "start": start,
                "gap": f"{gap.total_seconds()} seconds",
                "network": network_id,
                "station": station_id,
                "stations": 1000,
                "rows": rows,
            },
        )
        cursor.execute("ANALYZE stations_frame")


def _worst_page(read: Callable[..., message_log.Page | exchange_log.Page]) -> float:
    """Eleven pages, one after the other; the time of the slowest but one (the first reads from disk).

    Where there are fewer it begins anew: a search of one station has no more than one.
    """
    times: list[float] = []
    before = None
    for _ in range(11):
        start = time.perf_counter()
        page = read(before=before, limit=100)
        times.append((time.perf_counter() - start) * 1000)
        before = page.next
    return round(quantile(times, 0.9), 1)
