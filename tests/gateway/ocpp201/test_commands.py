"""What we ask in 2.0.1: the CALL that each command becomes, and the outcome that each answer is."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp201 import ADAPTER
from stations.commands import everyday
from stations.commands.configuration import GetBaseReport, ReportBase
from stations.commands.everyday import OperationalStatus, Reset, ResetType, SetAvailability, Trigger, Unlock
from stations.commands.tokens import AdditionalInfo
from stations.commands.transactions import RemoteStart, RemoteStop
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

INOPERATIVE = OperationalStatus.INOPERATIVE


def trigger(message, **where):
    return everyday.TriggerMessage(requested_message=message, **where)


@pytest.mark.parametrize(
    ("command", "params", "action", "payload"),
    [
        ("clear_cache", everyday.ClearCache(), "ClearCache", {}),
        ("reset", Reset(), "Reset", {"type": "Immediate"}),
        ("reset", Reset(evse_id=0), "Reset", {"type": "Immediate"}),
        ("reset", Reset(type=ResetType.ON_IDLE, evse_id=2), "Reset", {"type": "OnIdle", "evseId": 2}),
        ("unlock", Unlock(evse_id=2), "UnlockConnector", {"evseId": 2, "connectorId": 1}),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE),
            "ChangeAvailability",
            {"operationalStatus": "Inoperative"},
        ),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE, evse_id=0),
            "ChangeAvailability",
            {"operationalStatus": "Inoperative"},
        ),
        (
            "set_availability",
            SetAvailability(operational_status=OperationalStatus.OPERATIVE, evse_id=2, connector_id=3),
            "ChangeAvailability",
            {"operationalStatus": "Operative", "evse": {"id": 2, "connectorId": 3}},
        ),
        (
            "remote_start",
            RemoteStart(id_token="GOOD", remote_start_id=9),
            "RequestStartTransaction",
            {"idToken": {"idToken": "GOOD", "type": "Central"}, "remoteStartId": 9},
        ),
        (
            "remote_start",
            RemoteStart(
                id_token="GOOD", id_token_type="ISO14443", evse_id=2, connector_id=1, remote_start_id=9
            ),
            "RequestStartTransaction",
            {"idToken": {"idToken": "GOOD", "type": "ISO14443"}, "remoteStartId": 9, "evseId": 2},
        ),
        (
            "remote_start",
            RemoteStart(
                id_token="GOOD",
                remote_start_id=9,
                additional_info=(AdditionalInfo(additional_id_token="7", type="wallet"),),
                group_id_token="FLEET",
                group_id_token_type="Local",
            ),
            "RequestStartTransaction",
            {
                "idToken": {
                    "idToken": "GOOD",
                    "type": "Central",
                    "additionalInfo": [{"additionalIdToken": "7", "type": "wallet"}],
                },
                "remoteStartId": 9,
                "groupIdToken": {"idToken": "FLEET", "type": "Local"},
            },
        ),
        ("remote_stop", RemoteStop(transaction_id="a-b"), "RequestStopTransaction", {"transactionId": "a-b"}),
        (
            "get_base_report",
            GetBaseReport(request_id=4),
            "GetBaseReport",
            {"requestId": 4, "reportBase": "FullInventory"},
        ),
        (
            "get_base_report",
            GetBaseReport(request_id=4, report_base=ReportBase.SUMMARY_INVENTORY),
            "GetBaseReport",
            {"requestId": 4, "reportBase": "SummaryInventory"},
        ),
        ("trigger_message", trigger(Trigger.HEARTBEAT), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        (
            "trigger_message",
            trigger(Trigger.STATUS, evse_id=2, connector_id=3),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 3}},
        ),
        (
            "trigger_message",
            trigger(Trigger.SIGN_CHARGING_STATION_CERTIFICATE),
            "TriggerMessage",
            {"requestedMessage": "SignChargingStationCertificate"},
        ),
    ],
)
def test_a_command_is_said(command, params, action, payload):
    assert asked("2.0.1", command, params) == (action, payload)


@pytest.mark.parametrize("message", set(Trigger) - {Trigger.DIAGNOSTICS_STATUS})
def test_every_message_of_this_version_can_be_triggered(message):
    asked("2.0.1", "trigger_message", trigger(message, evse_id=1, connector_id=1))


@pytest.mark.parametrize(
    ("command", "params", "reason"),
    [
        ("set_availability", SetAvailability(operational_status=INOPERATIVE, connector_id=1), "its EVSE"),
        ("remote_start", RemoteStart(id_token="GOOD", evse_id=1, connector_id=2), "on an EVSE"),
        ("remote_start", RemoteStart(id_token="GOOD", connector_id=1), "on an EVSE"),
        ("trigger_message", trigger(Trigger.DIAGNOSTICS_STATUS), "LogStatusNotification"),
        ("trigger_message", trigger(Trigger.STATUS), "one connector"),
        ("trigger_message", trigger(Trigger.STATUS, evse_id=1), "one connector"),
        ("trigger_message", trigger(Trigger.METER_VALUES, evse_id=0), "from 1"),
        ("reset", Reset(hard=True), "no hard reset"),
    ],
)
def test_what_this_version_can_not_say_is_refused_with_the_reason(command, params, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders[command].encode(params)


@pytest.mark.parametrize(
    ("command", "params", "status", "state"),
    [
        ("clear_cache", everyday.ClearCache(), "Accepted", CommandState.ACCEPTED),
        ("clear_cache", everyday.ClearCache(), "Rejected", CommandState.REJECTED),
        ("reset", Reset(type=ResetType.ON_IDLE), "Scheduled", CommandState.SCHEDULED),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE),
            "Scheduled",
            CommandState.SCHEDULED,
        ),
        ("unlock", Unlock(evse_id=1), "Unlocked", CommandState.ACCEPTED),
        ("unlock", Unlock(evse_id=1), "OngoingAuthorizedTransaction", CommandState.REJECTED),
        ("unlock", Unlock(evse_id=1), "UnknownConnector", CommandState.REJECTED),
        ("remote_start", RemoteStart(id_token="GOOD"), "Rejected", CommandState.REJECTED),
        ("remote_stop", RemoteStop(transaction_id="1"), "Accepted", CommandState.ACCEPTED),
        ("trigger_message", trigger(Trigger.HEARTBEAT), "NotImplemented", CommandState.REJECTED),
        ("get_base_report", GetBaseReport(), "Accepted", CommandState.ACCEPTED),
        ("get_base_report", GetBaseReport(), "EmptyResultSet", CommandState.ACCEPTED),
        ("get_base_report", GetBaseReport(), "NotSupported", CommandState.REJECTED),
    ],
)
def test_an_answer_ends_its_command(command, params, status, state):
    outcome = answered("2.0.1", command, params, {"status": status})
    assert (outcome.state, outcome.status, dict(outcome.detail)) == (state, status, {})


def test_the_reason_of_a_refusal_is_kept():
    info = {"reasonCode": "FwUpdateInProgress", "additionalInfo": "in ten minutes"}
    outcome = answered("2.0.1", "reset", Reset(), {"status": "Rejected", "statusInfo": info})
    assert outcome.detail == {"reason_code": "FwUpdateInProgress", "additional_info": "in ten minutes"}


def test_a_transaction_that_waited_for_the_token_is_named():
    answer = {"status": "Accepted", "transactionId": "tx-1"}
    outcome = answered("2.0.1", "remote_start", RemoteStart(id_token="GOOD"), answer)
    assert outcome.detail == {"transaction_id": "tx-1"}
