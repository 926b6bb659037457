from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.ocpp16 import start_transaction
from sessions.models import ChargingSession
from sessions.reports import Token
from sessions.suspicions import Suspicion
from stations.models import Connector
from tests.gateway.hearing import hear, kinds, parsed

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 1200, "timestamp": "2026-05-04T11:59:00Z"}


def start(**said):
    return parsed("1.6", start_transaction, "StartTransaction", START | said)


def test_a_start_is_translated():
    said = start(reservationId=7)
    assert (said.evse_id, said.connector_id) == (1, 1)
    assert said.token == Token(id_token="GOOD")
    assert said.started_at == datetime(2026, 5, 4, 11, 59, tzinfo=UTC)
    assert said.meter_start_wh == Decimal(1200)
    assert said.reservation_id == 7
    # 1.6 leaves the number to us, and says nothing of the rest.
    assert said.transaction_id is None
    assert (said.trigger, said.charging_state, said.remote_start_id, said.offline) == (
        None,
        None,
        None,
        False,
    )


def test_a_start_that_is_sent_again_has_the_same_key():
    assert start().start_key == start().start_key


@pytest.mark.parametrize(
    "other",
    [
        {"connectorId": 2},
        {"idTag": "OTHER"},
        {"meterStart": 1201},
        {"timestamp": "2026-05-04T11:59:01Z"},
    ],
)
def test_another_start_has_another_key(other):
    assert start(**other).start_key != start().start_key


def test_a_start_is_given_a_number_and_a_verdict(alpha):
    answer = hear(alpha, "StartTransaction", START)
    session = ChargingSession.objects.get()
    assert answer == {
        "transactionId": int(session.transaction_id),
        "idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"},
    }
    assert answer["transactionId"] > 0
    assert kinds(alpha) == ["session.started", "session.meter_values"]


def test_a_repeated_start_gets_the_first_answer(alpha):
    first = hear(alpha, "StartTransaction", START)
    assert hear(alpha, "StartTransaction", START) == first
    assert ChargingSession.objects.count() == 1
    assert kinds(alpha).count("session.started") == 1


@pytest.mark.parametrize(
    "clock", [{}, {"timestamp": "1970-01-01T00:00:00Z"}, {"timestamp": "2000-01-01T00:03:12Z"}]
)
def test_a_start_like_the_one_of_a_session_that_is_over_is_another(alpha, clock):
    said = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, **clock}
    numbers = []
    for _ in range(3):
        first = hear(alpha, "StartTransaction", said)["transactionId"]
        assert hear(alpha, "StartTransaction", said)["transactionId"] == first
        numbers.append(first)
        hear(alpha, "StopTransaction", {"transactionId": first, "meterStop": 9, **clock})
    assert len(set(numbers)) == 3
    assert kinds(alpha).count("session.started") == kinds(alpha).count("session.ended") == 3


@pytest.mark.parametrize(
    ("id_tag", "status"), [("BLOCKED", "Blocked"), ("NOBODY", "Invalid"), ("", "Invalid")]
)
def test_a_refused_token_still_opens_a_session(alpha, id_tag, status):
    answer = hear(alpha, "StartTransaction", START | {"idTag": id_tag})
    assert answer["idTagInfo"] == {"status": status}
    assert ChargingSession.objects.get().transaction_id == str(answer["transactionId"])


@pytest.mark.parametrize(
    "odd",
    [
        {"connectorId": 0},
        {"connectorId": 2**31 - 1},
        {"meterStart": -5},
        {"meterStart": 2**62},
        {"timestamp": "1970-01-01T00:00:07Z"},
        {"timestamp": "200000-01-01T00:00:00Z"},
        {"reservationId": -(2**62)},
    ],
)
def test_no_start_is_refused_for_what_it_says(alpha, odd):
    answer = hear(alpha, "StartTransaction", START | odd)
    assert answer["idTagInfo"]["status"] == "Accepted"
    assert ChargingSession.objects.count() == 1


@pytest.mark.parametrize(
    "clock", [{}, {"timestamp": "1970-01-01T00:00:07Z"}, {"timestamp": "2000-01-01T00:03:12Z"}]
)
def test_a_start_without_a_time_began_when_it_was_received(alpha, clock):
    said = {name: value for name, value in START.items() if name != "timestamp"}
    hear(alpha, "StartTransaction", said | clock)
    session = ChargingSession.objects.get()
    assert session.started_at == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert session.suspect == [Suspicion.NO_CLOCK]


def test_a_connector_is_learnt_from_its_transaction(alpha):
    hear(alpha, "StartTransaction", START | {"connectorId": 3})
    assert Connector.objects.filter(evse_id=3, connector_id=1).exists()


@pytest.mark.parametrize(("tag", "found"), [("", ["no token"]), (" ", ["no token"]), ("GOOD", [])])
def test_a_start_without_a_token_is_a_deviation(alpha, tag, found):
    hear(alpha, "StartTransaction", START | {"idTag": tag})
    assert [deviation.rule for deviation in alpha.deviations.all()] == found
