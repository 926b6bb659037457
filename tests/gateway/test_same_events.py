"""The same facts, told by a station of each version, are the same events."""

from typing import Any, NamedTuple

import pytest

from emobi.core import events
from emobi.core.models import Event, Network
from gateway.versions import BY_VERSION
from sessions.models import IdToken
from stations.models import Registration, Station
from tests.gateway.hearing import hear


class Fact(NamedTuple):
    """Something that happens at a station, as each version says it, and the types of the events it causes."""

    name: str
    said_16: tuple[str, dict[str, Any]]
    said_201: tuple[str, dict[str, Any]]
    types: list[str]


def at(minute: int) -> str:
    return f"2026-05-04T11:{minute:02}:00Z"


TOKEN = {"idToken": "GOOD", "type": "ISO14443"}


def boot(name: str, types: list[str]) -> Fact:
    described = {"model": "One", "serialNumber": "SN1", "firmwareVersion": "1.2"}
    modem = {"iccid": "89", "imsi": "26"}
    return Fact(
        name,
        (
            "BootNotification",
            {
                "chargePointVendor": "Acme",
                "chargePointModel": "One",
                "chargePointSerialNumber": "SN1",
                "firmwareVersion": "1.2",
                **modem,
            },
        ),
        (
            "BootNotification",
            {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "modem": modem, **described}},
        ),
        types,
    )


def status(name: str, minute: int, word_16: str, word_201: str, types: list[str]) -> Fact:
    return Fact(
        name,
        (
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": word_16, "timestamp": at(minute)},
        ),
        (
            "StatusNotification",
            {"evseId": 1, "connectorId": 1, "connectorStatus": word_201, "timestamp": at(minute)},
        ),
        types,
    )


def transaction(kind: str, seq_no: int, minute: int, trigger: str, **said: Any) -> tuple[str, dict[str, Any]]:
    info = {"transactionId": "tx-1"} | said.pop("info", {})
    payload = {
        "eventType": kind,
        "seqNo": seq_no,
        "timestamp": at(minute),
        "triggerReason": trigger,
        "transactionInfo": info,
    }
    return "TransactionEvent", payload | said


def register(wh: int, context: str, minute: int) -> dict[str, Any]:
    return {"timestamp": at(minute), "sampledValue": [{"value": wh, "context": context}]}


# 1.6 is given the number of its transaction by us.
NUMBER = object()

READINGS_16 = [
    {"value": "3.5", "unit": "kWh"},
    {"value": "7400", "unit": "W", "measurand": "Power.Active.Import", "location": "Outlet"},
    {"value": "16.1", "unit": "A", "measurand": "Current.Import", "phase": "L1"},
    {"value": "41", "unit": "Percent", "measurand": "SoC", "location": "EV"},
]
READINGS_201 = [
    {"value": 3.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}},
    {"value": 7.4, "unitOfMeasure": {"unit": "kW"}, "measurand": "Power.Active.Import"},
    {"value": 16.1, "unitOfMeasure": {"unit": "A"}, "measurand": "Current.Import", "phase": "L1"},
    {"value": 41, "unitOfMeasure": {"unit": "Percent"}, "measurand": "SoC", "location": "EV"},
]

FACTS = [
    boot("an unknown station boots", ["station.pending"]),
    boot("a station boots", ["station.booted"]),
    status("a connector is free", 0, "Available", "Available", ["connector.status_changed"]),
    status("a car is plugged in", 1, "Preparing", "Occupied", ["connector.status_changed"]),
    Fact(
        "a token is shown",
        ("Authorize", {"idTag": "GOOD"}),
        ("Authorize", {"idToken": TOKEN}),
        ["session.authorized"],
    ),
    Fact(
        "an unknown token is shown",
        ("Authorize", {"idTag": "NOBODY"}),
        ("Authorize", {"idToken": {"idToken": "NOBODY", "type": "ISO14443"}}),
        ["session.authorized"],
    ),
    Fact(
        "charging starts",
        (
            "StartTransaction",
            {
                "connectorId": 1,
                "idTag": "GOOD",
                "meterStart": 1000,
                "timestamp": at(2),
                "reservationId": 7,
            },
        ),
        transaction(
            "Started", 0, 2, "Authorized",
            evse={"id": 1, "connectorId": 1},
            idToken=TOKEN,
            reservationId=7,
            meterValue=[register(1000, "Transaction.Begin", 2)],
        ),
        ["session.started", "session.meter_values"],
    ),
    Fact(
        "the car takes no energy",
        (
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEV", "timestamp": at(3)},
        ),
        transaction("Updated", 1, 3, "ChargingStateChanged", info={"chargingState": "SuspendedEV"}),
        ["session.updated"],
    ),
    Fact(
        "the meter is read",
        (
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": NUMBER,
                "meterValue": [{"timestamp": at(4), "sampledValue": READINGS_16}],
            },
        ),
        transaction(
            "Updated", 2, 4, "MeterValuePeriodic",
            meterValue=[{"timestamp": at(4), "sampledValue": READINGS_201}],
        ),
        ["session.meter_values", "session.updated"],
    ),
    Fact(
        "the meter is read by the clock",
        (
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": NUMBER,
                "meterValue": [
                    {"timestamp": at(5), "sampledValue": [{"value": "3700", "context": "Sample.Clock"}]}
                ],
            },
        ),
        transaction("Updated", 3, 5, "MeterValueClock", meterValue=[register(3700, "Sample.Clock", 5)]),
        ["session.meter_values", "session.updated"],
    ),
    Fact(
        "charging ends",
        (
            "StopTransaction",
            {
                "transactionId": NUMBER,
                "idTag": "GOOD",
                "meterStop": 4200,
                "timestamp": at(6),
                "reason": "EVDisconnected",
            },
        ),
        transaction(
            "Ended", 4, 6, "EVDeparted",
            idToken=TOKEN,
            info={"stoppedReason": "EVDisconnected"},
            meterValue=[register(4200, "Transaction.End", 6)],
        ),
        ["session.meter_values", "session.ended"],
    ),
    status("the connector is free again", 7, "Available", "Available", ["connector.status_changed"]),
    Fact(
        "the main meter is read",
        (
            "MeterValues",
            {
                "connectorId": 0,
                "meterValue": [{"timestamp": at(8), "sampledValue": [{"value": "9000"}]}],
            },
        ),
        (
            "MeterValues",
            {"evseId": 0, "meterValue": [{"timestamp": at(8), "sampledValue": [{"value": 9000}]}]},
        ),
        ["meter.values"],
    ),
    status(
        "the connector fails", 9, "Faulted", "Faulted", ["connector.status_changed", "station.fault"]
    ),
    status("it still fails", 10, "Faulted", "Faulted", []),
    status(
        "it works again", 11, "Available", "Available", ["connector.status_changed", "station.fault_cleared"]
    ),
    Fact(
        "firmware is installed",
        ("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": 3}),
        ("FirmwareStatusNotification", {"status": "Installed", "requestId": 3}),
        ["firmware.status_changed"],
    ),
    Fact(
        "a log is uploaded",
        ("LogStatusNotification", {"status": "Uploading", "requestId": 4}),
        ("LogStatusNotification", {"status": "Uploading", "requestId": 4}),
        ["log.status_changed"],
    ),
    Fact(
        "somebody opens the lid",
        (
            "SecurityEventNotification",
            {"type": "TamperDetectionActivated", "timestamp": at(12), "techInfo": "lid"},
        ),
        (
            "SecurityEventNotification",
            {"type": "TamperDetectionActivated", "timestamp": at(12), "techInfo": "lid"},
        ),
        ["security.event"],
    ),
    Fact(
        "the vendor says something",
        ("DataTransfer", {"vendorId": "acme", "messageId": "m", "data": "x"}),
        ("DataTransfer", {"vendorId": "acme", "messageId": "m", "data": "x"}),
        ["vendor.data_received"],
    ),
]  # fmt: skip

# Ids are made anew for each fact.
OURS = {"session_id", "transaction_id", "fault_id"}

# What one of the versions has no words for, and which.
UNSAID = {
    ("station.booted", "reason"): "1.6",
    ("station.pending", "reason"): "1.6",
    ("session.authorized", "id_token_type"): "1.6",
    ("session.started", "id_token_type"): "1.6",
    ("connector.status_changed", "detail"): "2.0.1",
}


def tell(station: Station) -> list[list[Event]]:
    """The events that each of the facts causes, told by a station."""
    number = None
    caused = []
    known = 0
    for fact in FACTS:
        pending = fact.name == "an unknown station boots"
        Station.objects.filter(pk=station.pk).update(
            registration=Registration.PENDING if pending else Registration.ACCEPTED, booted_at=None
        )
        action, payload = fact.said_16 if station.ocpp_version == "1.6" else fact.said_201
        payload = {key: number if value is NUMBER else value for key, value in payload.items()}
        answer = hear(station, action, payload)
        number = answer.get("transactionId", number)
        heard = list(Event.objects.filter(station=station.identity).order_by("sequence")[known:])
        known += len(heard)
        caused.append(heard)
    return caused


@pytest.fixture
def caused(db) -> dict[str, list[list[Event]]]:
    network = Network.objects.create(slug="grid", name="Grid")
    IdToken.objects.create(network=network, id_token="GOOD")
    return {
        version: tell(Station.objects.create(network=network, identity=version, ocpp_version=version))
        for version in BY_VERSION
    }


def test_the_same_facts_are_the_same_events(caused):
    for fact, heard_16, heard_201 in zip(FACTS, caused["1.6"], caused["2.0.1"], strict=True):
        assert [event.type for event in heard_16] == fact.types, fact.name
        assert [event.type for event in heard_201] == fact.types, fact.name
        for event_16, event_201 in zip(heard_16, heard_201, strict=True):
            kind = event_16.type
            assert event_16.data.keys() == event_201.data.keys(), fact.name
            assert comparable(kind, event_16.data) == comparable(kind, event_201.data), fact.name


def test_what_a_version_has_no_words_for_is_null(caused):
    for version, facts in caused.items():
        for event in (event for heard in facts for event in heard):
            for key in event.data:
                if UNSAID.get((event.type, key)) == version:
                    assert event.data[key] is None, (event.type, key)


def test_all_that_both_versions_can_tell_is_compared():
    told = {kind for fact in FACTS for kind in fact.types}
    stations_own = {name for name, kind in events.TYPES.items() if issubclass(kind, events.Received)}
    # 1.6 has no messages for these: its keys come as the answer to a command, and not as a report.
    # Others are caused by commands and their answers: transcripts compare them.
    by_commands = {
        "certificate.installed", "certificate.sign_requested", "reservation.created", "reservation.ended",
    }  # fmt: skip
    assert stations_own - told - by_commands == {
        "charging_profile.reported",
        "config.report_received",
        "customer.information",
        "display_message.reported",
        "ev.charging_needs",
        "ev.charging_schedule",
        "firmware.publish_status_changed",
        "limit.cleared",
        "limit.set",
        "monitor.report_received",
    }


def comparable(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """``data`` without what differs by its nature."""
    return {key: value for key, value in data.items() if key not in OURS and (kind, key) not in UNSAID}
