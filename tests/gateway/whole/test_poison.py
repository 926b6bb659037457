"""A message that the database doesn't take fails alone."""

import pytest
from django.db import connection, transaction

from stations.models import Frame, Kind
from tests.gateway.listener_process import until

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-01-15T10:00:00Z"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


@pytest.fixture(scope="module")
def gateway(make_gateway):
    """One whose log holds the failures."""
    return make_gateway()


def kept(known, count):
    """The frames of a station, oldest first, if there are ``count``."""
    found = list(Frame.objects.filter(station=known.station).order_by("id"))
    return found if len(found) == count else None


@pytest.fixture
def poisoned(alpha):
    """alpha, of whose statuses the database takes none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.station_id = {alpha.station.pk} THEN RAISE EXCEPTION 'poison'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON stations_connector
                FOR EACH ROW EXECUTE FUNCTION refuse();
            CREATE TRIGGER refuse BEFORE INSERT ON charging_chargingsession
                FOR EACH ROW EXECUTE FUNCTION refuse();
            """
        )
    yield alpha
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse CASCADE")


def test_a_message_that_cannot_be_stored_fails_alone_and_is_kept(gateway, poisoned, register):
    others = [register(f"other{number}") for number in range(5)]
    with poisoned.connect(gateway) as charger:
        chargers = [other.connect(gateway) for other in others]
        with transaction.atomic(), connection.cursor() as cursor:
            # What is said meanwhile waits for one batch.
            cursor.execute("LOCK TABLE stations_connection")
            charger.say("StatusNotification", STATUS, "poison")
            for other in chargers:
                other.say("StatusNotification", STATUS, "good")
        assert [other.answer_to("good")[0] for other in chargers] == [3] * 5
        assert charger.answer_to("poison")[:3] == [4, "poison", "InternalError"]
        asked, answered = until(lambda: kept(poisoned, 2))
        for other in chargers:
            with other:
                other.heartbeat()
    assert (asked.kind, asked.note) == (Kind.CALL, "failed here; see the server's log")
    assert (answered.kind, answered.error_code) == (Kind.ERROR, "InternalError")
    assert "poison" in gateway.log


def test_a_transaction_message_that_cannot_be_stored_is_rather_not_answered(gateway, poisoned):
    """A station that is told of our fault counts an attempt, and throws the message away in the end."""
    with poisoned.connect(gateway) as charger:
        charger.say("StartTransaction", START, "start")
        (asked,) = until(lambda: kept(poisoned, 1))
        assert (asked.message_id, asked.note) == ("start", "failed here; see the server's log")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse ON charging_chargingsession")
            cursor.execute("DROP TRIGGER refuse ON stations_connector")
        assert charger.call("StartTransaction", START, "start")["transactionId"] > 0
