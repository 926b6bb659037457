"""How PostgreSQL finds what a message is about while it has no figures of its tables: by key."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from gateway import handshake, intake
from sessions.services import open_sessions, shown_tokens
from stations.services.device_model import boots, connectors
from stations.services.log import frames, last_calls
from stations.services.presence import connections

STATEMENTS = {
    "boots._READ": boots._READ,
    "boots._WRITE": boots._WRITE,
    "connections._HEARD": connections._HEARD,
    "connections._MOSTLY": connections._MOSTLY,
    "connections._STATIONS": connections._STATIONS,
    "connectors._READ": connectors._READ,
    "handshake._FIND": handshake._FIND,
    "open_sessions._READ": open_sessions._READ,
    "shown_tokens._READ": shown_tokens._READ,
}
# What else is read: few rows at any time (commands whose effects are awaited, tariffs), or hardly ever (what
# runs on a token that may have but one session).
BESIDE = {
    "connections._MOSTLY": {"stations_followup"},
    "connections._STATIONS": {"stations_followup"},
    "shown_tokens._READ": {"charging_tariff", "charging_chargingsession"},
}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def scans(statement: str) -> list[tuple[str, str]]:
    """How tables are read: which, and by what condition on an index; "" if all of it is read."""
    with connection.cursor() as cursor:
        cursor.execute(intake._BY_KEY)
        cursor.execute(f"PREPARE asked(jsonb) AS {statement.replace('%s::jsonb', '$1')}")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("EXPLAIN (FORMAT JSON) EXECUTE asked('[]')")
        found = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE asked")
        cursor.execute("RESET enable_seqscan; RESET enable_hashjoin; RESET enable_mergejoin")
    (whole,) = json.loads(found) if isinstance(found, str) else found
    return [
        (node["Relation Name"], node.get("Index Cond") or node.get("Recheck Cond") or "")
        for node in nodes(whole["Plan"])
        if "Scan" in node["Node Type"] and "Relation Name" in node
    ]


@pytest.mark.django_db
def test_a_table_without_figures_is_read_by_its_keys():
    with connection.cursor() as cursor:
        # As they are on the first day: what other tests had there may have been counted meanwhile.
        cursor.execute("TRUNCATE core_network CASCADE")
        cursor.execute("TRUNCATE stations_gatewayprocess CASCADE")
    whole = {}
    for name, statement in STATEMENTS.items():
        found = [(table, by) for table, by in scans(statement) if table not in BESIDE.get(name, ())]
        assert found
        whole[name] = [table for table, by in found if not by]
    assert whole == {name: [] for name in STATEMENTS}


@pytest.mark.django_db
def test_the_last_calls_are_found_by_the_station_in_the_days_that_count():
    """Every day that is kept is a partition, with indexes of its own."""
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    frames.keep_partitions(noon.date())
    found = scans(last_calls.statement(noon - last_calls.WITHIN, noon))
    assert {table for table, _ in found} == {"stations_frame_20261122"}
    assert sorted("station_id" in by for _, by in found) == [False, True]
    assert all(by for _, by in found)
