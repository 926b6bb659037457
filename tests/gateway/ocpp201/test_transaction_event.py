from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.ocpp201 import transaction_event
from sessions.models import ChargingSession, SessionState
from sessions.reports import Token, TransactionEnd, TransactionStart, TransactionUpdate
from sessions.suspicions import Suspicion
from stations.models import Connector, Deviation
from tests.gateway.hearing import NOON, hear, kinds, parsed, told

GOOD = {"idToken": "GOOD", "type": "ISO14443"}
ACCEPTED = {"status": "Accepted", "groupIdToken": {"idToken": "FAMILY", "type": "Central"}}


def event(kind, seq_no=0, *, minute=0, trigger="Authorized", info=None, register=None, **said):
    payload = {
        "eventType": kind,
        "timestamp": f"2026-05-04T11:{minute:02}:00Z",
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": "tx-1"} | (info or {}),
        **said,
    }
    if register is not None:
        value, context = register
        payload["meterValue"] = [
            {"timestamp": payload["timestamp"], "sampledValue": [{"value": value, "context": context}]}
        ]
    return payload


def said(payload):
    return parsed("2.0.1", transaction_event, "TransactionEvent", payload)


def test_a_start_is_translated():
    report = said(
        event(
            "Started",
            4,
            trigger="RemoteStart",
            info={"chargingState": "EVConnected", "remoteStartId": 9},
            idToken=GOOD,
            evse={"id": 2, "connectorId": 3},
            offline=True,
            reservationId=7,
            register=(1000, "Transaction.Begin"),
        )
    )
    assert isinstance(report, TransactionStart)
    assert report.transaction_id == "tx-1"
    assert (report.evse_id, report.connector_id) == (2, 3)
    assert report.token == Token(id_token="GOOD", type="ISO14443")
    assert report.started_at == datetime(2026, 5, 4, 11, tzinfo=UTC)
    assert (report.seq_no, report.trigger, report.charging_state) == (4, "RemoteStart", "EVConnected")
    assert (report.remote_start_id, report.reservation_id, report.offline) == (9, 7, True)
    assert [sample.value for reading in report.readings for sample in reading.samples] == [Decimal(1000)]


def test_an_update_is_translated():
    report = said(event("Updated", 1, minute=5, trigger="Defrosted", evse={"id": 2}))
    assert isinstance(report, TransactionUpdate)
    # An unknown reason is still one; an unknown connector isn't 1.
    assert (report.trigger, report.evse_id, report.connector_id) == ("Defrosted", 2, None)
    assert report.at == datetime(2026, 5, 4, 11, 5, tzinfo=UTC)
    assert (report.token, report.readings, report.offline) == (None, (), False)


@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
def test_any_part_may_name_the_reservation_that_it_uses(kind):
    assert said(event(kind, 1, reservationId=7)).reservation_id == 7


@pytest.mark.parametrize(
    ("info", "reason"),
    [({"stoppedReason": "StoppedByEV"}, "StoppedByEV"), ({}, "Local")],
)
def test_an_end_is_translated(info, reason):
    report = said(event("Ended", 2, minute=30, info=info))
    assert isinstance(report, TransactionEnd)
    assert report.reason == reason
    assert report.ended_at == datetime(2026, 5, 4, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sampled", "value", "unit", "signed"),
    [
        ({"value": 1500.5}, Decimal("1500.5"), "Wh", None),
        ({"value": 1.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}, Decimal(1500), "Wh", None),
        ({"value": 1.5, "unitOfMeasure": {"unit": "kWh"}}, Decimal(1500), "Wh", None),
        (
            {
                "value": 74,
                "measurand": "Power.Active.Import",
                "unitOfMeasure": {"unit": "W", "multiplier": 2},
            },
            Decimal(7400),
            "W",
            None,
        ),
        (
            {
                "value": 5,
                "signedMeterValue": {
                    "signedMeterData": "T0NNRg==",
                    "signingMethod": "ECDSA",
                    "encodingMethod": "OCMF",
                    "publicKey": "",
                },
            },
            Decimal(5),
            "Wh",
            '{"signedMeterData":"T0NNRg==","signingMethod":"ECDSA","encodingMethod":"OCMF","publicKey":""}',
        ),
    ],
)
def test_values_come_in_base_units(sampled, value, unit, signed):
    payload = event("Updated") | {
        "meterValue": [{"timestamp": "2026-05-04T11:00:00Z", "sampledValue": [sampled]}]
    }
    ((sample,),) = (reading.samples for reading in said(payload).readings)
    assert (sample.value, sample.unit, sample.signed) == (value, unit, signed)


def test_what_has_no_possible_time_was_when_it_was_received(bravo):
    payload = event("Started", idToken=GOOD) | {"timestamp": "1970-01-01T00:00:07Z"}
    assert said(payload).started_at is None
    hear(bravo, "TransactionEvent", payload)
    session = ChargingSession.objects.get()
    assert (session.started_at, session.suspect) == (NOON, [Suspicion.NO_CLOCK])


def test_a_transaction_is_a_session(bravo):
    started = event(
        "Started", idToken=GOOD, evse={"id": 1, "connectorId": 1}, register=(1000, "Transaction.Begin")
    )
    updated = event("Updated", 1, minute=10, trigger="MeterValuePeriodic", register=(1500, "Sample.Periodic"))
    ended = event("Ended", 2, minute=20, trigger="EVDeparted", register=(2500, "Transaction.End"))
    assert hear(bravo, "TransactionEvent", started) == {"idTokenInfo": ACCEPTED}
    assert hear(bravo, "TransactionEvent", updated) == {}
    assert hear(bravo, "TransactionEvent", ended) == {}
    session = ChargingSession.objects.get()
    assert (session.state, session.meter_start_wh, session.meter_stop_wh) == (SessionState.ENDED, 1000, 2500)
    assert session.suspect == []
    assert kinds(bravo) == [
        "session.started", "session.meter_values",
        "session.meter_values", "session.updated",
        "session.meter_values", "session.ended",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
@pytest.mark.parametrize(
    ("token", "info"),
    [
        (GOOD, ACCEPTED),
        ({"idToken": "NOBODY", "type": "ISO14443"}, {"status": "Unknown"}),
        ({"idToken": "BLOCKED", "type": "ISO14443"}, {"status": "Blocked"}),
        ({"idToken": "", "type": "NoAuthorization"}, {"status": "Accepted"}),
    ],
)
def test_a_token_is_judged_whenever_it_is_shown(bravo, kind, token, info):
    assert hear(bravo, "TransactionEvent", event(kind, idToken=token)) == {"idTokenInfo": info}


def test_a_repeated_event_gets_the_first_answer_and_says_nothing_new(bravo):
    started = event("Started", idToken=GOOD)
    first = hear(bravo, "TransactionEvent", started)
    before = kinds(bravo)
    assert hear(bravo, "TransactionEvent", started) == first
    assert kinds(bravo) == before


def test_parts_may_come_in_any_order(bravo):
    hear(bravo, "TransactionEvent", event("Ended", 2, minute=20, register=(2500, "Transaction.End")))
    hear(bravo, "TransactionEvent", event("Updated", 1, minute=10))
    hear(bravo, "TransactionEvent", event("Started", register=(1000, "Transaction.Begin"), idToken=GOOD))
    session = ChargingSession.objects.get()
    assert (session.state, session.energy_wh, session.suspect) == (SessionState.ENDED, 1500, [])


def test_where_it_is_said_once_stays_known(bravo):
    hear(bravo, "TransactionEvent", event("Started", evse={"id": 2, "connectorId": 3}))
    hear(bravo, "TransactionEvent", event("Updated", 1, minute=5))
    assert [one.data["evse_id"] for one in told(bravo)] == [2, 2]
    assert Connector.objects.filter(evse_id=2, connector_id=3).exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"seqNo": -5},
        {"seqNo": 2**62},
        {"evse": {"id": 2**31 - 1, "connectorId": 2**31 - 1}},
        {"reservationId": 2**62},
        {"transactionInfo": {"transactionId": "t" * 255}},
        {"transactionInfo": {"transactionId": ""}},
        {"transactionInfo": {"transactionId": "tx-1", "chargingState": "Dancing", "remoteStartId": -(2**62)}},
        {"idToken": {"idToken": "T" * 255, "type": "Telepathy"}},
    ],
)
@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
def test_no_event_is_refused_for_what_it_says(bravo, kind, odd):
    hear(bravo, "TransactionEvent", event(kind) | odd)
    assert ChargingSession.objects.count() == 1


@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
def test_numbers_that_ocpp_has_no_words_for_are_left_out_and_noted(bravo, kind):
    info = {"transactionId": "tx-1", "remoteStartId": 2**31}
    hear(bravo, "TransactionEvent", event(kind) | {"seqNo": 2**31, "transactionInfo": info})
    session = ChargingSession.objects.get()
    assert (session.remote_start_id, session.seq_first, session.seq_last) == (None, None, None)
    found = Deviation.objects.filter(rule="range").values_list("path", flat=True)
    assert sorted(found) == ["seqNo", "transactionInfo.remoteStartId"]
