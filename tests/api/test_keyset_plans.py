"""Pages of long lists are read through an index: what PostgreSQL plans where thousands of rows are."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from emobi.core import clock, events, ulid, unit_of_work
from sessions.models import ChargingSession
from stations import frame_ids
from stations.models import Command, Direction, Kind, Station
from stations.services.log.frames import FrameLog

ROWS = 2000
TABLES = ("stations_station", "stations_command", "stations_frame", "charging_chargingsession", "core_event")


@pytest.fixture
def long_lists(network, alpha):
    """Ten of the stations are at work, `alpha` among them."""
    now = clock.wall()
    Station.objects.bulk_create(Station(network=network, identity=f"CP-{n:05}") for n in range(ROWS))
    # Ids follow time, as in life: of one millisecond they don't by themselves.
    ids = sorted(ulid.new() for _ in range(ROWS))
    asked = {"name": "reset", "requested_by": "user:ada", "expires_at": now}
    at_work = [alpha, *Station.objects.exclude(pk=alpha.pk)[:9]]
    of = dict(zip(ids, itertools.cycle(at_work), strict=False))
    Command.objects.bulk_create(Command(id=each, network=network, station=of[each], **asked) for each in ids)
    ended = {"evse_id": 1, "state": "ended", "started_at": now, "received_at": now, "heard_at": now}
    ChargingSession.objects.bulk_create(
        ChargingSession(id=each, network=network, station=of[each], transaction_id=each, **ended)
        for each in ids
    )
    heartbeat = {"direction": Direction.RECEIVED, "kind": Kind.CALL, "action": "Heartbeat", "at": now}
    with unit_of_work.begin() as work:
        log = work.buffer(FrameLog)
        for n in range(ROWS):
            connected = {"remote_address": None, "security_profile": 1, "tls_version": None}
            events.record(alpha.subject, events.StationConnected(**connected))
            log.add(
                id=frame_ids.new(now), network_id=network.pk, station_id=alpha.pk, message_id=f"{n}",
                text=f'[2,"{n}","Heartbeat",{{}}]', **heartbeat,
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")


type Asked = tuple[str, Any]


@contextmanager
def pages_of(table: str) -> Iterator[list[Asked]]:
    """The statements of the block that read a page of a table."""
    asked: list[Asked] = []

    def noting(run, sql, params, many, context):
        if sql.lstrip().startswith(("SELECT", "WITH")) and table in sql and "LIMIT" in sql:
            asked.append((sql, params))
        return run(sql, params, many, context)

    with connection.execute_wrapper(noting):
        yield asked


def troubles(asked: Asked, table: str) -> list[str]:
    """Whatever reads all of the table, or sorts more than a page."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {asked[0]}", asked[1] or None)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return sorted(each["Node Type"] for each in _nodes(plan) if _is_trouble(each, table))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _is_trouble(node: dict[str, Any], table: str) -> bool:
    if node["Node Type"] == "Seq Scan":
        return str(node["Relation Name"]).startswith(table) and node["Plan Rows"] > 500
    return "Sort" in node["Node Type"] and node["Plans"][0]["Plan Rows"] > 500


PAGES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("/stations", {}, "stations_station"),
    ("/stations/alpha/commands", {}, "stations_command"),
    ("/messages", {}, "stations_frame"),
    ("/messages", {"station": "alpha"}, "stations_frame"),
    ("/sessions", {}, "charging_chargingsession"),
    ("/sessions", {"station": "alpha"}, "charging_chargingsession"),
    ("/events", {}, "core_event"),
    ("/events", {"station": "alpha"}, "core_event"),
)


def test_no_page_reads_or_sorts_the_whole_list(long_lists, viewer):
    for path, query, table in PAGES:
        first = viewer.get(path, limit=50, **query)
        with pages_of(table) as asked:
            page = viewer.get(path, limit=50, cursor=first["next"], **query)
        assert len(page["items"]) == 50
        assert asked, path
        assert {each[0]: wrong for each in asked if (wrong := troubles(each, table))} == {}, (path, query)
    # What no index helps with is seen.
    unsorted = "SELECT * FROM stations_station ORDER BY vendor LIMIT 50", ()
    assert troubles(unsorted, "stations_station") == ["Seq Scan", "Sort"]
