"""Statements past Django: what they are given, and what they give back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection, transaction

from emobi.core import batch
from emobi.core.models import Event, Network

NOON = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)
BY_ID = f"""
SELECT {batch.columns(Event, "event")} FROM core_event AS event
JOIN jsonb_to_recordset(%s::jsonb) AS wanted(id text) USING (id)
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    network = Network.objects.create(slug="grid", name="Grid")
    return Event.objects.create(
        id="E", network=network, sequence=1, type="a.b", time=NOON, data={"text": "Ä", "list": [1, None, 0.5]}
    )


def test_what_is_read_is_what_django_reads(event):
    (found,) = batch.read(Event, BY_ID, [{"id": "E"}])
    from_django = Event.objects.get()
    assert found == from_django
    for field in Event._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(from_django, field.attname), field.attname
    assert found.network == event.network


def test_what_was_read_can_be_changed_and_saved(event):
    (found,) = batch.read(Event, BY_ID, [{"id": "E"}])
    found.type = "c.d"
    found.save()
    found.refresh_from_db()
    assert Event.objects.get().type == found.type == "c.d"


def test_what_isn_t_there_isn_t_read(event):
    assert batch.read(Event, BY_ID, [{"id": "other"}]) == []


def test_decimals_lose_nothing_on_their_way():
    exact = Decimal("123456789012345.678")
    statement = "SELECT n FROM jsonb_to_recordset(%s::jsonb) AS r(n numeric)"
    assert batch.execute(statement, [{"n": exact}]) == [(exact,)]


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="set"):
        batch.execute("SELECT %s::jsonb", [{"n": {1}}])


def test_the_database_s_errors_are_django_s():
    with pytest.raises(DataError):
        batch.execute("SELECT n FROM jsonb_to_recordset(%s::jsonb) AS r(n int)", [{"n": "no number"}])


def test_several_statements_go_in_their_order_and_each_returns_its_own(event):
    insert = (
        "INSERT INTO core_eventcounter (network_id, value) "
        "SELECT n, v FROM jsonb_to_recordset(%s::jsonb) AS r(n bigint, v bigint)"
    )
    read = "SELECT value FROM core_eventcounter WHERE network_id = (%s::jsonb -> 0 -> 'n')::bigint"
    network = {"n": event.network_id}
    answers = batch.execute_all([(read, [network]), (insert, [network | {"v": 7}]), (read, [network])])
    assert answers == [[], [], [(7,)]]


def test_of_several_statements_none_is_run_behind_one_that_fails(event):
    number = "SELECT (%s::jsonb ->> 0)::int"
    with pytest.raises(DataError), transaction.atomic():
        batch.execute_all([(number, [1]), (number, ["none"]), (number, [3])])
    assert batch.execute(number, [4]) == [(4,)]


def test_statements_are_prepared_once(event):
    for _ in range(2):
        batch.read(Event, BY_ID, [{"id": "E"}])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%wanted(id text)%%'"
        )
        assert cursor.fetchone() == (1,)
