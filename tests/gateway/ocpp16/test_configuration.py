"""Configuration keys, asked for and set by the variables that they are."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER
from stations.commands.configuration import GetConfig, SetConfig, VariableName, VariableSetting
from stations.models import CommandState, Variable
from tests.gateway.hearing import NOON, answered, asked

HEARTBEAT = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}


@pytest.mark.parametrize(
    ("names", "payload"),
    [
        ((), {}),
        ((HEARTBEAT,), {"key": ["HeartbeatInterval"]}),
        (({"key": "AcmeLight"}, {"key": "CpoName"}), {"key": ["AcmeLight", "CpoName"]}),
        (
            (
                {
                    "component": "OCPPCommCtrlr",
                    "variable": "MessageAttempts",
                    "variable_instance": "TransactionEvent",
                },
            ),
            {"key": ["TransactionMessageAttempts"]},
        ),
    ],
)
def test_keys_are_asked_for_by_the_names_they_have_here(names, payload):
    params = GetConfig(variables=tuple(VariableName(**name) for name in names))
    assert asked("1.6", "get_config", params) == ("GetConfiguration", payload)


@pytest.mark.parametrize(
    "name",
    [
        {"component": "TxCtrlr", "variable": "TxStartPoint"},
        HEARTBEAT | {"attribute": "MaxSet"},
        {"key": "HeartbeatInterval", "attribute": "MaxSet"},
        HEARTBEAT | {"evse_id": 1},
        HEARTBEAT | {"component_instance": "second"},
    ],
)
def test_a_variable_that_no_key_holds_is_refused(name):
    with pytest.raises(CommandUnsupported):
        ADAPTER.senders["get_config"].encode(GetConfig(variables=(VariableName(**name),)))


def test_what_a_station_tells_is_its_device_model():
    outcome = answered(
        "1.6",
        "get_config",
        GetConfig(),
        {
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
                {"key": "AuthorizationKey", "readonly": False},
            ],
            "unknownKey": ["AcmeLight"],
        },
    )
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Accepted")
    told = [(one.component, one.variable, one.key, one.value, one.mutability) for one in outcome.variables]
    assert told == [
        ("OCPPCommCtrlr", "HeartbeatInterval", "HeartbeatInterval", "300", "ReadWrite"),
        ("OCPP16", "NumberOfConnectors", "NumberOfConnectors", "2", "ReadOnly"),
        ("SecurityCtrlr", "BasicAuthPassword", "AuthorizationKey", None, "ReadWrite"),
    ]
    statuses = [(one["key"], one["status"], one["value"]) for one in outcome.detail["variables"]]
    assert statuses[0] == ("HeartbeatInterval", "Accepted", "300")
    assert statuses[-1] == ("AcmeLight", "UnknownVariable", None)


def test_a_password_that_is_read_back_is_masked_where_people_see_it():
    told = {"configurationKey": [{"key": "StationPassword", "readonly": False, "value": "hunter2"}]}
    outcome = answered("1.6", "get_config", GetConfig(), told)
    assert "hunter2" not in repr(outcome.detail)


@pytest.mark.parametrize(
    ("told", "state", "status"),
    [
        ({}, CommandState.ACCEPTED, "Accepted"),
        ({"unknownKey": ["AcmeLight"]}, CommandState.REJECTED, "UnknownVariable"),
    ],
)
def test_a_command_is_refused_if_nothing_is_known_of_what_it_asked_for(told, state, status):
    outcome = answered("1.6", "get_config", GetConfig(), told)
    assert (outcome.state, outcome.status, outcome.variables) == (state, status, ())


@pytest.mark.parametrize(
    ("setting", "payload"),
    [
        (HEARTBEAT | {"value": "60"}, {"key": "HeartbeatInterval", "value": "60"}),
        ({"key": "AcmeLight", "value": ""}, {"key": "AcmeLight", "value": ""}),
    ],
)
def test_a_key_is_set(setting, payload):
    params = SetConfig(variables=(VariableSetting(**setting),))
    assert asked("1.6", "set_config", params) == ("ChangeConfiguration", payload)


SETTINGS = (
    VariableSetting(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="60"),
    VariableSetting(key="AcmeLight", value="7"),
)


def test_keys_are_set_one_a_message(alpha):
    sender = ADAPTER.senders["set_config"]
    pieces = sender.pieces(SetConfig(variables=SETTINGS), alpha)
    assert [sender.encode(piece) for piece in pieces] == [
        {"key": "HeartbeatInterval", "value": "60"},
        {"key": "AcmeLight", "value": "7"},
    ]


@pytest.mark.parametrize(
    ("words", "state", "status"),
    [
        (["Accepted", "Accepted"], CommandState.ACCEPTED, "Accepted"),
        (["Accepted", "RebootRequired"], CommandState.ACCEPTED, "RebootRequired"),
        (["RebootRequired", "Rejected"], CommandState.REJECTED, "Rejected"),
        (["NotSupported", "Accepted"], CommandState.REJECTED, "UnknownVariable"),
        (["RebootRequired"], CommandState.ACCEPTED, "RebootRequired"),
    ],
)
def test_what_came_of_each_key_is_told_together(words, state, status):
    sender = ADAPTER.senders["set_config"]
    outcomes = [sender.decode({"status": word}) for word in words]
    outcome = sender.joined(SetConfig(variables=SETTINGS), outcomes)
    assert (outcome.state, outcome.status) == (state, status)
    told = [(each["variable"], each["status"]) for each in outcome.detail["variables"]]
    said = {"NotSupported": "UnknownVariable"}
    names = ("HeartbeatInterval", "AcmeLight")
    assert told == [(name, said.get(word, word)) for name, word in zip(names, words, strict=False)]


@pytest.mark.parametrize(("most", "counts"), [("2", [2, 1]), ("3", [3]), ("", [3]), ("0", [3]), (None, [3])])
def test_no_more_keys_are_read_at_once_than_the_station_takes(alpha, most, counts):
    if most is not None:
        Variable.objects.create(
            station=alpha, component="DeviceDataCtrlr", variable="ItemsPerMessage",
            variable_instance="GetVariables", key="GetConfigurationMaxKeys", value=most, reported_at=NOON,
        )  # fmt: skip
    sender = ADAPTER.senders["get_config"]
    names = tuple(VariableName(key=f"Key{number}") for number in range(3))
    pieces = sender.pieces(GetConfig(variables=names), alpha)
    assert [len(sender.encode(piece)["key"]) for piece in pieces] == counts
    assert [sender.encode(piece) for piece in sender.pieces(GetConfig(), alpha)] == [{}]


def test_what_was_read_in_several_messages_is_told_together():
    sender = ADAPTER.senders["get_config"]
    answers = [
        {"unknownKey": ["AcmeLight"]},
        {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}]},
    ]
    outcome = sender.joined(GetConfig(), [sender.decode(answer) for answer in answers])
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Accepted")
    assert [each["status"] for each in outcome.detail["variables"]] == ["UnknownVariable", "Accepted"]
    assert [each.value for each in outcome.variables] == ["60"]


@pytest.mark.parametrize(
    ("word", "status", "state"),
    [
        ("Accepted", "Accepted", CommandState.ACCEPTED),
        ("RebootRequired", "RebootRequired", CommandState.ACCEPTED),
        ("Rejected", "Rejected", CommandState.REJECTED),
        ("NotSupported", "UnknownVariable", CommandState.REJECTED),
    ],
)
def test_the_answer_is_said_in_words_of_2_0_1(word, status, state):
    params = SetConfig(variables=(VariableSetting(**HEARTBEAT, value="60"),))
    outcome = answered("1.6", "set_config", params, {"status": word})
    assert (outcome.state, outcome.status) == (state, status)
