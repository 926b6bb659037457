"""What a driver is told of prices and costs: with the token, in between, and in the end."""

from decimal import Decimal

import pytest

from sessions.services import id_tokens, tariffs
from tests.gateway.hearing import hear

GOOD = {"idToken": "GOOD", "type": "ISO14443"}


def event(kind, seq_no, minute, wh, **more):
    at = f"2026-05-04T12:{minute:02}:00Z"
    info = {"transactionId": "tx-1"}
    sample = {"timestamp": at, "sampledValue": [{"value": wh}]}
    return {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info,
        "meterValue": [sample],
        **more,
    }


def start(station):
    return hear(station, "TransactionEvent", event("Started", 0, 0, 1000, evse={"id": 1}, idToken=GOOD))


@pytest.fixture
def tariff(bravo):
    prices = {"price_per_kwh": Decimal("0.49"), "price_per_minute": Decimal("0.10"), "start_fee": Decimal(1)}
    return tariffs.create(bravo.network, "public", currency="EUR", default=True, **prices)


def test_the_prices_come_with_the_verdict(bravo, tariff):
    words = "1.00 EUR to start, 0.49 EUR per kWh, 0.10 EUR per minute"
    for answer in (hear(bravo, "Authorize", {"idToken": GOOD}), start(bravo)):
        assert answer["idTokenInfo"]["personalMessage"] == {"format": "UTF8", "content": words}


def test_the_cost_runs_with_the_meter_and_ends_with_the_session(bravo, tariff):
    assert "totalCost" not in start(bravo)
    assert hear(bravo, "TransactionEvent", event("Updated", 1, 10, 3000)) == {"totalCost": 2.98}
    assert hear(bravo, "TransactionEvent", event("Ended", 2, 30, 11000)) == {"totalCost": 8.9}
    # A part that is sent again gets the answer of a session that is over.
    assert hear(bravo, "TransactionEvent", event("Updated", 1, 10, 3000)) == {"totalCost": 8.9}


def test_a_free_session_is_told_to_be_free(bravo):
    tariffs.create(bravo.network, "free", currency="EUR", default=True)
    start(bravo)
    assert hear(bravo, "TransactionEvent", event("Ended", 1, 30, 11000)) == {"totalCost": 0}


def test_what_nobody_knows_is_left_out(bravo):
    start(bravo)
    assert hear(bravo, "TransactionEvent", event("Ended", 1, 30, 11000)) == {}


def test_a_verdict_says_all_that_is_said_of_the_token(bravo):
    id_tokens.change(
        bravo.network,
        "GOOD",
        by="user:a",
        allowed_evses=[{"station": "bravo", "evse_ids": [2, 1]}],
        charging_priority=-3,
        language1="de",
        language2="fr",
        personal_message="Hallo",
    )
    info = hear(bravo, "Authorize", {"idToken": GOOD})["idTokenInfo"]
    assert {name: info[name] for name in info if name != "groupIdToken"} == {
        "status": "Accepted",
        "chargingPriority": -3,
        "language1": "de",
        "evseId": [1, 2],
        "language2": "fr",
        "personalMessage": {"format": "UTF8", "content": "Hallo"},
    }
