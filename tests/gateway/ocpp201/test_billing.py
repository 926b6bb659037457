"""CostUpdated and GetTransactionStatus, which only 2.0.1 knows."""

from decimal import Decimal

import pytest

from gateway.ocpp16 import ADAPTER as OCPP16
from stations.commands.billing import GetSessionStatus, UpdateCost
from stations.models import CommandState
from tests.gateway.hearing import answered, asked


@pytest.mark.parametrize(("cost", "said"), [("12.34", 12.34), ("0", 0), ("0.1", 0.1)])
def test_the_running_cost_is_told(cost, said):
    command = UpdateCost(total_cost=Decimal(cost), transaction_id="tx-1")
    assert asked("2.0.1", "update_cost", command) == (
        "CostUpdated",
        {"totalCost": said, "transactionId": "tx-1"},
    )
    assert answered("2.0.1", "update_cost", command, {}).state == CommandState.ACCEPTED


def test_a_transaction_is_asked_about():
    command = GetSessionStatus(transaction_id="tx-1")
    assert asked("2.0.1", "get_session_status", command)[1] == {"transactionId": "tx-1"}
    answer = {"ongoingIndicator": False, "messagesInQueue": True}
    outcome = answered("2.0.1", "get_session_status", command, answer)
    assert outcome.detail == {"ongoing": False, "messages_in_queue": True}


def test_the_station_is_asked_for_what_waits_of_any_transaction():
    assert asked("2.0.1", "get_session_status", GetSessionStatus()) == ("GetTransactionStatus", {})
    outcome = answered("2.0.1", "get_session_status", GetSessionStatus(), {"messagesInQueue": False})
    assert outcome.detail == {"ongoing": None, "messages_in_queue": False}


@pytest.mark.parametrize("command", ["update_cost", "get_session_status"])
def test_1_6_has_no_message_for_it(command):
    assert command not in OCPP16.senders
