"""SetDisplayMessage, GetDisplayMessages, ClearDisplayMessage."""

import pytest

from stations.commands import catalogue
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

WELCOME = {"message_id": 0, "priority": "NormalCycle", "content": "Welcome"}
SAID = {"id": 0, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Welcome"}}


def command(name, **params):
    return catalogue.parse(name, params)


@pytest.mark.parametrize(
    ("more", "payload"),
    [
        ({}, {}),
        ({"priority": "AlwaysFront", "state": "Faulted"}, {"priority": "AlwaysFront", "state": "Faulted"}),
        (
            {"format": "HTML", "language": "en-US"},
            {"message": {"format": "HTML", "content": "Welcome", "language": "en-US"}},
        ),
        (
            {"start_at": "2026-05-04T13:00:00.123456+02:00", "end_at": "2026-05-04T12:00:00Z"},
            {"startDateTime": "2026-05-04T11:00:00.123Z", "endDateTime": "2026-05-04T12:00:00.000Z"},
        ),
        ({"transaction_id": "tx-1"}, {"transactionId": "tx-1"}),
        (
            {
                "display": {
                    "component": "Display",
                    "component_instance": "top",
                    "evse_id": 1,
                    "connector_id": 2,
                }
            },
            {"display": {"name": "Display", "instance": "top", "evse": {"id": 1, "connectorId": 2}}},
        ),
    ],
)
def test_a_message_is_set(more, payload):
    wanted = command("set_display_message", **WELCOME | more)
    assert asked("2.0.1", "set_display_message", wanted) == ("SetDisplayMessage", {"message": SAID | payload})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("NotSupportedMessageFormat", CommandState.REJECTED),
        ("Rejected", CommandState.REJECTED),
        ("NotSupportedPriority", CommandState.REJECTED),
        ("NotSupportedState", CommandState.REJECTED),
        ("UnknownTransaction", CommandState.REJECTED),
    ],
)
def test_an_answer_says_what_the_display_cannot_do(status, state):
    outcome = answered(
        "2.0.1", "set_display_message", command("set_display_message", **WELCOME), {"status": status}
    )
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize(
    ("params", "payload"),
    [
        ({}, {}),
        (
            {"message_ids": [0, 7], "priority": "InFront", "state": "Idle"},
            {"id": [0, 7], "priority": "InFront", "state": "Idle"},
        ),
    ],
)
def test_messages_are_asked_for(params, payload):
    wanted = command("get_display_messages", request_id=4, **params)
    assert asked("2.0.1", "get_display_messages", wanted) == (
        "GetDisplayMessages",
        {"requestId": 4} | payload,
    )


@pytest.mark.parametrize("status", ["Accepted", "Unknown"])
def test_that_there_are_none_is_an_answer(status):
    outcome = answered("2.0.1", "get_display_messages", command("get_display_messages"), {"status": status})
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, status)


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", CommandState.ACCEPTED), ("Unknown", CommandState.REJECTED)]
)
def test_a_message_is_removed(status, state):
    wanted = command("clear_display_message", message_id=7)
    assert asked("2.0.1", "clear_display_message", wanted) == ("ClearDisplayMessage", {"id": 7})
    outcome = answered("2.0.1", "clear_display_message", wanted, {"status": status})
    assert (outcome.state, outcome.status) == (state, status)
