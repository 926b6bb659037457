"""Variables of the device model, read and set."""

from typing import Any

import pytest

from gateway.errors import CommandUnsupported
from gateway.frames import Call, encode
from gateway.ocpp201 import ADAPTER
from stations.commands.configuration import GetConfig, SetConfig, VariableName, VariableSetting
from stations.models import CommandState, Variable
from tests.gateway.hearing import NOON, answered, asked

HEARTBEAT: dict[str, Any] = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
HEARTBEAT_201 = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
GET = GetConfig(variables=(VariableName(**HEARTBEAT),))
SET = SetConfig(variables=(VariableSetting(**HEARTBEAT, value="60"),))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (HEARTBEAT, HEARTBEAT_201),
        (HEARTBEAT | {"attribute": "MaxSet"}, HEARTBEAT_201 | {"attributeType": "MaxSet"}),
        (
            {
                "component": "Connector",
                "component_instance": "left",
                "variable": "Lock",
                "variable_instance": "now",
                "evse_id": 1,
                "connector_id": 2,
            },
            {
                "component": {"name": "Connector", "instance": "left", "evse": {"id": 1, "connectorId": 2}},
                "variable": {"name": "Lock", "instance": "now"},
            },
        ),
        # A key of 1.6 that is a variable here.
        ({"key": "heartbeatinterval"}, HEARTBEAT_201),
        (
            {"key": "TransactionMessageAttempts"},
            {
                "component": {"name": "OCPPCommCtrlr"},
                "variable": {"name": "MessageAttempts", "instance": "TransactionEvent"},
            },
        ),
    ],
)
def test_variables_are_asked_for_by_the_names_they_have_here(name, wanted):
    params = GetConfig(variables=(VariableName(**name),))
    assert asked("2.0.1", "get_config", params) == ("GetVariables", {"getVariableData": [wanted]})


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "get_base_report"),
        (({"key": "AcmeLight"},), "AcmeLight"),
        (({"component": "OCPPCommCtrlr"},), "name both"),
        ((HEARTBEAT | {"connector_id": 1},), "its EVSE"),
    ],
)
def test_what_this_version_can_not_ask_is_refused_with_the_reason(names, reason):
    params = GetConfig(variables=tuple(VariableName(**name) for name in names))
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders["get_config"].encode(params)


def test_what_a_station_tells_is_its_device_model():
    evse = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
    answer = {
        "getVariableResult": [
            HEARTBEAT_201 | {"attributeStatus": "Accepted", "attributeValue": "300"},
            evse | {"attributeStatus": "NotSupportedAttributeType", "attributeType": "Target"},
        ]
    }
    outcome = answered("2.0.1", "get_config", GET, answer)
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Accepted")
    (told,) = outcome.variables
    assert (told.component, told.variable, told.value) == ("OCPPCommCtrlr", "HeartbeatInterval", "300")
    accepted, refused = outcome.detail["variables"]
    assert (accepted["status"], accepted["value"], accepted["attribute"]) == ("Accepted", "300", "Actual")
    assert (refused["component"], refused["evse_id"]) == ("EVSE", 1)
    assert (refused["status"], refused["attribute"]) == ("NotSupportedAttributeType", "Target")


def test_a_command_is_refused_if_nothing_is_known_of_what_it_asked_for():
    answer = {"getVariableResult": [HEARTBEAT_201 | {"attributeStatus": "UnknownComponent"}]}
    outcome = answered("2.0.1", "get_config", GET, answer)
    assert (outcome.state, outcome.status) == (CommandState.REJECTED, "UnknownComponent")


def test_variables_are_set():
    params = SetConfig(
        variables=(
            VariableSetting(**HEARTBEAT, value="60"),
            VariableSetting(**HEARTBEAT, attribute="Target", value=""),
        )
    )
    assert asked("2.0.1", "set_config", params) == (
        "SetVariables",
        {
            "setVariableData": [
                HEARTBEAT_201 | {"attributeValue": "60"},
                HEARTBEAT_201 | {"attributeValue": "", "attributeType": "Target"},
            ]
        },
    )


@pytest.mark.parametrize(
    ("words", "state", "status"),
    [
        (["Accepted", "Accepted"], CommandState.ACCEPTED, "Accepted"),
        (["Accepted", "RebootRequired"], CommandState.ACCEPTED, "RebootRequired"),
        (["RebootRequired", "Rejected"], CommandState.REJECTED, "Rejected"),
        (["UnknownVariable", "Accepted"], CommandState.REJECTED, "UnknownVariable"),
    ],
)
def test_setting_is_accepted_if_all_were_set(words, state, status):
    results = [HEARTBEAT_201 | {"attributeStatus": word} for word in words]
    outcome = answered("2.0.1", "set_config", SET, {"setVariableResult": results})
    assert (outcome.state, outcome.status) == (state, status)
    assert [one["status"] for one in outcome.detail["variables"]] == words


# ── in several messages ─────────────────────────────────────────────────────────────────────────────────


def limit(station, action: str, **limits: str) -> None:
    """What the station said of its messages."""
    for name, value in limits.items():
        Variable.objects.create(
            station=station, component="DeviceDataCtrlr", variable=name, variable_instance=action,
            value=value, reported_at=NOON,
        )  # fmt: skip


def settings(count: int) -> tuple[VariableSetting, ...]:
    return tuple(VariableSetting(component="C", variable=f"v{number}", value="ß") for number in range(count))


@pytest.mark.parametrize(
    ("limits", "counts"),
    [
        ({}, [5]),
        ({"ItemsPerMessage": "2"}, [2, 2, 1]),
        ({"ItemsPerMessage": "5", "BytesPerMessage": "100000"}, [5]),
        ({"BytesPerMessage": "270"}, [2, 2, 1]),
        ({"BytesPerMessage": "10"}, [1, 1, 1, 1, 1]),
        ({"ItemsPerMessage": "1", "BytesPerMessage": "270"}, [1, 1, 1, 1, 1]),
        ({"ItemsPerMessage": "many", "BytesPerMessage": "9" * 5000}, [5]),
    ],
)
def test_no_message_holds_more_than_the_station_takes(bravo, limits, counts):
    limit(bravo, "SetVariables", **limits)
    sender = ADAPTER.senders["set_config"]
    command = SetConfig(variables=settings(5))
    pieces = sender.pieces(command, bravo)
    assert [len(piece.variables) for piece in pieces] == counts
    assert tuple(setting for piece in pieces for setting in piece.variables) == command.variables
    most = int(limits.get("BytesPerMessage", "100000")[:6])
    frames = [Call("x" * 36, "SetVariables", sender.encode(piece)) for piece in pieces]
    sizes = [len(encode(frame).encode()) for frame in frames]
    assert all(size <= most or count == 1 for size, count in zip(sizes, counts, strict=True))


def test_reading_and_setting_have_limits_of_their_own(bravo):
    limit(bravo, "GetVariables", ItemsPerMessage="1")
    names = tuple(VariableName(component="C", variable=f"v{number}") for number in range(3))
    assert len(ADAPTER.senders["get_config"].pieces(GetConfig(variables=names), bravo)) == 3
    assert len(ADAPTER.senders["set_config"].pieces(SetConfig(variables=settings(3)), bravo)) == 1


def test_what_came_of_several_messages_is_told_together():
    sender = ADAPTER.senders["set_config"]
    answers = [
        {"setVariableResult": [HEARTBEAT_201 | {"attributeStatus": word}]}
        for word in ("Accepted", "RebootRequired", "Rejected")
    ]
    outcomes = [sender.decode(answer) for answer in answers]
    together = sender.joined(SET, outcomes)
    assert (together.state, together.status) == (CommandState.REJECTED, "Rejected")
    assert sender.joined(SET, outcomes[:2]).status == "RebootRequired"
    assert [each["status"] for each in together.detail["variables"]] == [
        "Accepted", "RebootRequired", "Rejected",
    ]  # fmt: skip
