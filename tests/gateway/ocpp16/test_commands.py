"""What we ask in 1.6: the CALL that each command becomes, and the outcome that each answer is."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER
from stations.commands import everyday, transactions
from stations.commands.everyday import OperationalStatus, Reset, ResetType, SetAvailability, Trigger, Unlock
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
        ("reset", Reset(), "Reset", {"type": "Soft"}),
        ("reset", Reset(hard=True), "Reset", {"type": "Hard"}),
        ("reset", Reset(evse_id=0), "Reset", {"type": "Soft"}),
        ("unlock", Unlock(evse_id=2), "UnlockConnector", {"connectorId": 2}),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE),
            "ChangeAvailability",
            {"connectorId": 0, "type": "Inoperative"},
        ),
        (
            "set_availability",
            SetAvailability(operational_status=OperationalStatus.OPERATIVE, evse_id=2, connector_id=1),
            "ChangeAvailability",
            {"connectorId": 2, "type": "Operative"},
        ),
        ("remote_start", RemoteStart(id_token="GOOD"), "RemoteStartTransaction", {"idTag": "GOOD"}),
        (
            "remote_start",
            RemoteStart(id_token="GOOD", evse_id=2, connector_id=1, remote_start_id=9),
            "RemoteStartTransaction",
            {"idTag": "GOOD", "connectorId": 2},
        ),
        ("remote_stop", RemoteStop(transaction_id="12"), "RemoteStopTransaction", {"transactionId": 12}),
        (
            "trigger_message",
            trigger(Trigger.STATUS),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification"},
        ),
        (
            "trigger_message",
            trigger(Trigger.METER_VALUES, evse_id=0),
            "TriggerMessage",
            {"requestedMessage": "MeterValues", "connectorId": 0},
        ),
        (
            "trigger_message",
            trigger(Trigger.DIAGNOSTICS_STATUS),
            "TriggerMessage",
            {"requestedMessage": "DiagnosticsStatusNotification"},
        ),
        (
            "trigger_message",
            trigger(Trigger.LOG_STATUS),
            "ExtendedTriggerMessage",
            {"requestedMessage": "LogStatusNotification"},
        ),
        (
            "trigger_message",
            trigger(Trigger.SIGN_CHARGING_STATION_CERTIFICATE),
            "ExtendedTriggerMessage",
            {"requestedMessage": "SignChargePointCertificate"},
        ),
        (
            "trigger_message",
            trigger(Trigger.FIRMWARE_STATUS, security_extension=True),
            "ExtendedTriggerMessage",
            {"requestedMessage": "FirmwareStatusNotification"},
        ),
        (
            "trigger_message",
            trigger(Trigger.METER_VALUES, evse_id=2, security_extension=True),
            "ExtendedTriggerMessage",
            {"requestedMessage": "MeterValues", "connectorId": 2},
        ),
    ],
)
def test_a_command_is_said(command, params, action, payload):
    assert asked("1.6", command, params) == (action, payload)


@pytest.mark.parametrize(
    ("command", "params", "reason"),
    [
        ("reset", Reset(evse_id=1), "not one EVSE"),
        ("reset", Reset(type=ResetType.ON_IDLE), "idle"),
        ("reset", Reset(type=ResetType.ON_IDLE, hard=True), "idle"),
        ("unlock", Unlock(evse_id=1, connector_id=2), "one connector an EVSE"),
        (
            "trigger_message",
            trigger(Trigger.DIAGNOSTICS_STATUS, security_extension=True),
            "security extension can't ask for Diagnostics",
        ),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE, evse_id=1, connector_id=2),
            "one connector an EVSE",
        ),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE, connector_id=1),
            "one connector an EVSE",
        ),
        ("remote_start", RemoteStart(id_token="T" * 21), "20 characters"),
        ("remote_start", RemoteStart(id_token="GOOD", group_id_token="FLEET"), "can't say more"),
        ("remote_start", RemoteStart(id_token="GOOD", connector_id=1), "one connector an EVSE"),
        ("remote_stop", RemoteStop(transaction_id="a-b-c"), "numbers its transactions"),
        ("remote_stop", RemoteStop(), "numbers its transactions"),
        ("trigger_message", trigger(Trigger.TRANSACTION_EVENT), "TransactionEvent"),
        ("trigger_message", trigger(Trigger.SIGN_V2G_CERTIFICATE), "SignV2GCertificate"),
    ],
)
def test_what_this_version_can_not_say_is_refused_with_the_reason(command, params, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders[command].encode(params)


def test_this_version_has_no_reports():
    assert "get_base_report" not in ADAPTER.senders


@pytest.mark.parametrize(
    ("command", "params", "status", "state"),
    [
        ("clear_cache", everyday.ClearCache(), "Accepted", CommandState.ACCEPTED),
        ("clear_cache", everyday.ClearCache(), "Rejected", CommandState.REJECTED),
        ("reset", Reset(), "Rejected", CommandState.REJECTED),
        (
            "set_availability",
            SetAvailability(operational_status=INOPERATIVE),
            "Scheduled",
            CommandState.SCHEDULED,
        ),
        ("unlock", Unlock(evse_id=1), "Unlocked", CommandState.ACCEPTED),
        ("unlock", Unlock(evse_id=1), "UnlockFailed", CommandState.REJECTED),
        ("unlock", Unlock(evse_id=1), "NotSupported", CommandState.REJECTED),
        ("remote_start", transactions.RemoteStart(id_token="GOOD"), "Accepted", CommandState.ACCEPTED),
        ("remote_stop", RemoteStop(transaction_id="1"), "Rejected", CommandState.REJECTED),
        ("trigger_message", trigger(Trigger.HEARTBEAT), "NotImplemented", CommandState.REJECTED),
        ("trigger_message", trigger(Trigger.LOG_STATUS), "Accepted", CommandState.ACCEPTED),
    ],
)
def test_an_answer_ends_its_command(command, params, status, state):
    outcome = answered("1.6", command, params, {"status": status})
    assert (outcome.state, outcome.status, dict(outcome.detail)) == (state, status, {})
