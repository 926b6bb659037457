from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.ocpp16 import stop_transaction
from sessions.models import ChargingSession, SessionState
from sessions.reports import Token
from tests.gateway.hearing import hear, kinds, parsed

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 1200, "timestamp": "2026-05-04T11:00:00Z"}
STOP = {"transactionId": 5, "meterStop": 4200, "timestamp": "2026-05-04T11:59:00Z"}


def stop(**said):
    return parsed("1.6", stop_transaction, "StopTransaction", STOP | said)


def test_a_stop_is_translated():
    said = stop(idTag="GOOD", reason="Remote")
    assert said.transaction_id == "5"
    assert said.token == Token(id_token="GOOD")
    assert said.ended_at == datetime(2026, 5, 4, 11, 59, tzinfo=UTC)
    assert said.meter_stop_wh == Decimal(4200)
    assert said.reason == "Remote"
    assert said.readings == ()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "Local"),
        ({"reason": "EVDisconnected"}, "EVDisconnected"),
        ({"reason": "HardReset"}, "ImmediateReset"),
        ({"reason": "SoftReset"}, "ImmediateReset"),
        ({"reason": "UnlockCommand"}, "Other"),
        ({"reason": "deauthorized"}, "DeAuthorized"),
    ],
)
def test_the_reason_is_one_of_2_0_1(said, reason):
    assert stop(**said).reason == reason


@pytest.mark.parametrize(("meter_stop", "register"), [(-1, None), (0, Decimal(0)), (-2, Decimal(-2))])
def test_a_register_that_could_not_be_read_is_none(meter_stop, register):
    assert stop(meterStop=meter_stop).meter_stop_wh == register


def test_its_data_are_readings():
    data = [{"timestamp": "2026-05-04T11:30:00Z", "sampledValue": [{"value": "3.1", "unit": "kWh"}]}]
    (reading,) = stop(transactionData=data).readings
    assert reading.at == datetime(2026, 5, 4, 11, 30, tzinfo=UTC)
    assert [(sample.value, sample.unit) for sample in reading.samples] == [(Decimal(3100), "Wh")]


def test_a_stop_ends_its_session(alpha):
    number = hear(alpha, "StartTransaction", START)["transactionId"]
    assert hear(alpha, "StopTransaction", STOP | {"transactionId": number}) == {}
    session = ChargingSession.objects.get()
    assert (session.state, session.energy_wh, session.reason) == (SessionState.ENDED, Decimal(3000), "Local")
    assert kinds(alpha)[-2:] == ["session.meter_values", "session.ended"]


@pytest.mark.parametrize(
    ("id_tag", "info"),
    [
        ("GOOD", {"status": "Accepted", "parentIdTag": "FAMILY"}),
        ("BLOCKED", {"status": "Blocked"}),
        ("NOBODY", {"status": "Invalid"}),
    ],
)
def test_a_token_that_stopped_it_is_judged(alpha, id_tag, info):
    number = hear(alpha, "StartTransaction", START)["transactionId"]
    said = STOP | {"transactionId": number, "idTag": id_tag}
    assert hear(alpha, "StopTransaction", said) == {"idTagInfo": info}


def test_a_repeated_stop_is_acknowledged_and_changes_nothing(alpha):
    number = hear(alpha, "StartTransaction", START)["transactionId"]
    said = STOP | {"transactionId": number}
    hear(alpha, "StopTransaction", said)
    before = kinds(alpha)
    assert hear(alpha, "StopTransaction", said) == {}
    assert kinds(alpha) == before


@pytest.mark.parametrize("number", [-1, 0, 4711, 2**62, -(2**62)])
def test_a_stop_of_no_transaction_of_ours_is_acknowledged(alpha, number):
    assert hear(alpha, "StopTransaction", STOP | {"transactionId": number}) == {}
    assert ChargingSession.objects.get().suspect


@pytest.mark.parametrize(
    "odd",
    [
        {"meterStop": 3},
        {"meterStop": -1},
        {"meterStop": 2**62},
        {"timestamp": "1970-01-01T00:00:07Z"},
        {"timestamp": "2026-05-04T10:00:00Z"},
        {"idTag": "22 characters and more"},
        {"transactionData": [{"timestamp": "2026-05-04T11:30:00Z", "sampledValue": []}]},
    ],
)
def test_no_stop_is_refused_for_what_it_says(alpha, odd):
    number = hear(alpha, "StartTransaction", START)["transactionId"]
    hear(alpha, "StopTransaction", STOP | {"transactionId": number} | odd)
    session = ChargingSession.objects.get()
    assert session.state == SessionState.ENDED
    assert session.energy_wh is None or session.energy_wh >= 0
