"""The tables of the versions, against each other and against the schemas."""

import inspect
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emobi.core import clock, unit_of_work
from emobi.core.models import Network
from gateway import schemas
from gateway.versions import ADAPTERS, BY_VERSION
from stations.models import Station
from tests.gateway.hearing import NOON

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
    for table in (adapter.preloads.keys(), adapter.before_accepted, adapter.transaction_actions):
        assert set(table) <= set(adapter.handlers)


def hot(version: str, minute: int) -> list[tuple[str, dict[str, object]]]:
    """What a station says most of the time."""
    at = clock.iso(NOON + timedelta(minutes=minute))
    if version == "1.6":
        sampled = {"timestamp": at, "sampledValue": [{"value": str(minute)}]}
        word = "Charging" if minute % 2 else "SuspendedEV"
        status = {"connectorId": 1, "errorCode": "NoError", "status": word, "timestamp": at}
        return [
            ("Heartbeat", {}),
            ("StatusNotification", status),
            ("MeterValues", {"connectorId": 1, "meterValue": [sampled]}),
        ]
    measured = {"timestamp": at, "sampledValue": [{"value": minute}]}
    return [
        ("Heartbeat", {}),
        (
            "StatusNotification",
            {
                "timestamp": at,
                "connectorStatus": "Occupied" if minute % 2 else "Available",
                "evseId": 1,
                "connectorId": 1,
            },
        ),
        ("MeterValues", {"evseId": 1, "meterValue": [measured]}),
        (
            "TransactionEvent",
            {
                "eventType": "Updated",
                "timestamp": at,
                "triggerReason": "MeterValuePeriodic",
                "seqNo": minute,
                "transactionInfo": {"transactionId": "tx"},
                "meterValue": [measured],
            },
        ),
    ]


def begin(station: Station) -> None:
    handlers = BY_VERSION[station.ocpp_version].handlers
    at = clock.iso(NOON)
    with unit_of_work.begin(), clock.at(NOON):
        if station.ocpp_version == "1.6":
            start = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": at}
            handlers["StartTransaction"](station, start)
        else:
            start = {
                "eventType": "Started",
                "timestamp": at,
                "triggerReason": "Authorized",
                "seqNo": 0,
                "transactionInfo": {"transactionId": "tx"},
                "evse": {"id": 1, "connectorId": 1},
            }
            handlers["TransactionEvent"](station, start)


def queries_of_a_batch(stations: list[Station], minute: int) -> int:
    """How many queries it takes to handle what each of the stations says, in one unit of work."""
    adapter = BY_VERSION[stations[0].ocpp_version]
    said = hot(adapter.version, minute)
    pks = [station.pk for station in stations]
    with CaptureQueriesContext(connection) as captured, unit_of_work.begin() as work:
        for buffer in {kind for action, _ in said for kind in adapter.preloads.get(action, ())}:
            work.buffer(buffer).preload(pks)
        for station in stations:
            for action, payload in said:
                with clock.at(NOON + timedelta(minutes=minute)):
                    adapter.handlers[action](station, payload)
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_the_number_of_queries_does_not_grow_with_the_batch(version):
    network = Network.objects.create(slug="grid", name="Grid")
    stations = [
        Station.objects.create(network=network, identity=f"S{number}", ocpp_version=version)
        for number in range(12)
    ]
    for station in stations:
        begin(station)
    queries_of_a_batch(stations, 1)
    counts = [queries_of_a_batch(stations[:size], minute) for size, minute in ((1, 2), (4, 3), (12, 4))]
    assert all(more == fewer for fewer, more in pairwise(counts)), counts
