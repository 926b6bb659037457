"""The tables of the versions, against each other and against the schemas."""

import inspect
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from gateway import schemas
from gateway.versions import ADAPTERS, BY_VERSION
from sessions.services import id_tokens
from stations.models import Station
from stations.services.presence import connections
from tests.gateway.hearing import NOON
from tests.statements import counted

adapters = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=BY_VERSION.keys())


@adapters
def test_every_message_that_a_station_may_send_is_handled(adapter):
    assert set(adapter.handlers) == schemas.known_actions(adapter.version, "station")


@adapters
def test_every_handler_says_what_comes_of_its_message(adapter):
    for handler in adapter.handlers.values():
        assert inspect.getdoc(handler), handler.__module__


@adapters
def test_tables_name_only_what_is_handled(adapter):
    for table in (adapter.expects.keys(), adapter.before_accepted, adapter.transaction_actions):
        assert set(table) <= set(adapter.handlers)


def sixteen(identity: str, minute: int) -> list[tuple[str, dict[str, Any]]]:
    """A transaction in OCPP 1.6 whose number isn't known yet, and what is heard besides."""
    at = clock.iso(NOON + timedelta(minutes=minute))
    later = clock.iso(NOON + timedelta(minutes=minute, seconds=30))
    sampled = {"timestamp": later, "sampledValue": [{"value": str(minute)}]}
    word = "Charging" if minute % 2 else "SuspendedEV"
    return [
        ("BootNotification", {"chargePointVendor": "W", "chargePointModel": "W1"}),
        ("Heartbeat", {}),
        ("Authorize", {"idTag": identity}),
        ("StartTransaction", {"connectorId": 1, "idTag": identity, "meterStart": minute, "timestamp": at}),
        ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": word, "timestamp": at}),
        ("MeterValues", {"connectorId": 1, "meterValue": [sampled]}),
    ]


def two_oh_one(identity: str, minute: int) -> list[tuple[str, dict[str, Any]]]:
    """A transaction in OCPP 2.0.1, and what is heard besides."""
    at = clock.iso(NOON + timedelta(minutes=minute))
    measured = {"timestamp": at, "sampledValue": [{"value": minute}]}
    word = "Occupied" if minute % 2 else "Available"
    token = {"idToken": identity, "type": "ISO14443"}
    event = {
        "timestamp": at,
        "triggerReason": "MeterValuePeriodic",
        "transactionInfo": {"transactionId": f"tx-{minute}"},
        "meterValue": [measured],
    }
    begin = {"eventType": "Started", "seqNo": 0, "idToken": token, "evse": {"id": 1, "connectorId": 1}}
    return [
        ("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "W", "model": "W1"}}),
        ("Heartbeat", {}),
        ("Authorize", {"idToken": token}),
        ("StatusNotification", {"timestamp": at, "connectorStatus": word, "evseId": 1, "connectorId": 1}),
        ("TransactionEvent", event | begin),
        ("TransactionEvent", event | {"eventType": "Updated", "seqNo": 1}),
        ("MeterValues", {"evseId": 1, "meterValue": [measured]}),
        ("TransactionEvent", event | {"eventType": "Ended", "seqNo": 2}),
    ]


def handle(said: list[tuple[Station, str, dict[str, Any]]], minute: int) -> list[Any]:
    """Have messages handled as one batch; their answers."""
    answers = []
    with unit_of_work.begin():
        for station, action, payload in said:
            expect = BY_VERSION[station.ocpp_version].expects.get(action)
            if expect is not None:
                expect(station, payload)
        for station, action, payload in said:
            with clock.at(NOON + timedelta(minutes=minute)):
                answers.append(BY_VERSION[station.ocpp_version].handlers[action](station, payload))
    return answers


def queries_of_a_batch(stations: list[Station], minute: int) -> int:
    """How many queries it takes to handle a transaction of each of the stations."""
    life = sixteen if stations[0].ocpp_version == "1.6" else two_oh_one
    said = [(station, *message) for station in stations for message in life(station.identity, minute)]
    with counted() as sent:
        answers = handle(said, minute)
        stops = [
            (said[i][0], "StopTransaction", {"transactionId": answer["transactionId"], "meterStop": 9999})
            for i, answer in enumerate(answers)
            if "transactionId" in answer
        ]
        handle(stops, minute + 1)
    return len(sent)


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_the_number_of_queries_does_not_grow_with_the_batch(version):
    network = Network.objects.create(slug="grid", name="Grid")
    for number in range(12):
        Station.objects.create(network=network, identity=f"S{number}", ocpp_version=version)
    # As a batch has them: whoever asks for more of one asks the database.
    stations = list(Station.objects.only(*connections.MOSTLY_NEEDED).order_by("id"))
    for station in stations[:6]:
        id_tokens.create(network, station.identity)
    queries_of_a_batch(stations, 1)
    counts = [queries_of_a_batch(stations[:size], minute) for size, minute in ((1, 9), (4, 17), (12, 25))]
    assert all(more == fewer for fewer, more in pairwise(counts)), counts
    assert Event.objects.filter(type="session.ended").count() == 12 + 1 + 4 + 12
