"""Set- and ClearVariableMonitoring, SetMonitoringBase, SetMonitoringLevel, GetMonitoringReport."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp201 import ADAPTER
from stations.commands import catalogue
from stations.models import CommandState, Variable
from tests.gateway.hearing import NOON, answered, asked

POWER = {
    "component": "EVSE",
    "evse_id": 1,
    "variable": "Power",
    "type": "UpperThreshold",
    "value": 11000,
    "severity": 4,
}
SAID = {
    "type": "UpperThreshold",
    "severity": 4,
    "component": {"name": "EVSE", "evse": {"id": 1}},
    "variable": {"name": "Power"},
}


def command(name, **params):
    return catalogue.parse(name, params)


@pytest.mark.parametrize(
    ("more", "payload"),
    [
        ({}, {}),
        ({"value": -0.25}, {"value": -0.25}),
        ({"transaction": True, "monitor_id": 0}, {"transaction": True, "id": 0}),
        (
            {"component_instance": "a", "connector_id": 2, "variable_instance": "b"},
            {
                "component": {"name": "EVSE", "instance": "a", "evse": {"id": 1, "connectorId": 2}},
                "variable": {"name": "Power", "instance": "b"},
            },
        ),
    ],
)
def test_a_monitor_is_set(more, payload):
    wanted = command("set_monitors", monitors=[POWER | more])
    action, said = asked("2.0.1", "set_monitors", wanted)
    assert (action, said) == (
        "SetVariableMonitoring",
        {"setMonitoringData": [SAID | {"value": 11000} | payload]},
    )


@pytest.mark.parametrize(
    "kind", ["UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned"]
)
@pytest.mark.parametrize("severity", [0, 9])
def test_every_type_and_severity_can_be_said(kind, severity):
    asked(
        "2.0.1",
        "set_monitors",
        command("set_monitors", monitors=[POWER | {"type": kind, "severity": severity}]),
    )


def test_each_answer_is_kept_with_its_id():
    wanted = command("set_monitors", monitors=[POWER])
    refusal = {"reasonCode": "InvalidValue", "additionalInfo": "too much"}
    answer = {"setMonitoringResult": [SAID | {"status": "Accepted", "id": 7}]}
    outcome = answered("2.0.1", "set_monitors", wanted, answer)
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Accepted")
    (told,) = outcome.detail["monitors"]
    assert told == {
        "component": "EVSE", "component_instance": None, "evse_id": 1, "connector_id": None,
        "variable": "Power", "variable_instance": None, "type": "UpperThreshold", "severity": 4,
        "status": "Accepted", "monitor_id": 7, "reason_code": None, "additional_info": None,
    }  # fmt: skip
    answer["setMonitoringResult"].append(SAID | {"status": "Rejected", "statusInfo": refusal, "severity": 5})
    outcome = answered("2.0.1", "set_monitors", wanted, answer)
    assert (outcome.state, outcome.status) == (CommandState.REJECTED, "Rejected")
    told = outcome.detail["monitors"][1]
    assert (told["monitor_id"], told["reason_code"], told["additional_info"]) == (
        None,
        "InvalidValue",
        "too much",
    )


@pytest.mark.parametrize(
    "status", ["UnknownComponent", "UnknownVariable", "UnsupportedMonitorType", "Rejected", "Duplicate"]
)
def test_a_monitor_that_isnt_set_is_a_refusal(status):
    answer = {"setMonitoringResult": [SAID | {"status": status}]}
    outcome = answered("2.0.1", "set_monitors", command("set_monitors", monitors=[POWER]), answer)
    assert (outcome.state, outcome.status) == (CommandState.REJECTED, status)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("NotFound", CommandState.REJECTED),
        ("Rejected", CommandState.REJECTED),
    ],
)
def test_monitors_are_removed(status, state):
    wanted = command("clear_monitors", monitor_ids=[7, 8])
    assert asked("2.0.1", "clear_monitors", wanted) == ("ClearVariableMonitoring", {"id": [7, 8]})
    answer = {"clearMonitoringResult": [{"id": 7, "status": "Accepted"}, {"id": 8, "status": status}]}
    outcome = answered("2.0.1", "clear_monitors", wanted, answer)
    assert (outcome.state, outcome.status) == (state, status)
    assert [told["status"] for told in outcome.detail["monitors"]] == ["Accepted", status]


@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
def test_a_base_is_set(base):
    wanted = command("set_monitoring_base", monitoring_base=base)
    assert asked("2.0.1", "set_monitoring_base", wanted) == ("SetMonitoringBase", {"monitoringBase": base})
    outcome = answered("2.0.1", "set_monitoring_base", wanted, {"status": "NotSupported"})
    assert outcome.state == CommandState.REJECTED


def test_a_level_is_set():
    wanted = command("set_monitoring_level", severity=0)
    assert asked("2.0.1", "set_monitoring_level", wanted) == ("SetMonitoringLevel", {"severity": 0})
    assert (
        answered("2.0.1", "set_monitoring_level", wanted, {"status": "Accepted"}).state
        == CommandState.ACCEPTED
    )
    assert (
        answered("2.0.1", "set_monitoring_level", wanted, {"status": "Rejected"}).state
        == CommandState.REJECTED
    )


@pytest.mark.parametrize(
    ("params", "payload"),
    [
        ({}, {}),
        (
            {"monitoring_criteria": ["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]},
            {"monitoringCriteria": ["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]},
        ),
        (
            {"component_variables": [{"component": "EVSE", "evse_id": 1, "variable": "Power"}]},
            {
                "componentVariable": [
                    {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
                ]
            },
        ),
    ],
)
def test_a_report_on_monitors_is_asked(params, payload):
    wanted = command("get_monitoring_report", request_id=4, **params)
    assert asked("2.0.1", "get_monitoring_report", wanted) == (
        "GetMonitoringReport",
        {"requestId": 4} | payload,
    )
    outcome = answered("2.0.1", "get_monitoring_report", wanted, {"status": "EmptyResultSet"})
    assert outcome.state == CommandState.ACCEPTED


# ── what one message holds ──────────────────────────────────────────────────────────────────────────────


def limit(station, component: str, variable: str, instance: str, value: int) -> None:
    Variable.objects.create(
        station=station, component=component, variable=variable, variable_instance=instance, value=str(value),
        reported_at=NOON,
    )  # fmt: skip


def pieces(station, name, **params):
    return ADAPTER.senders[name].pieces(command(name, **params), station)


def test_no_message_holds_more_monitors_than_the_station_takes(bravo):
    wanted = [POWER | {"severity": severity} for severity in range(5)]
    assert len(pieces(bravo, "set_monitors", monitors=wanted)) == 1
    limit(bravo, "MonitoringCtrlr", "ItemsPerMessage", "SetVariableMonitoring", 2)
    limit(bravo, "MonitoringCtrlr", "ItemsPerMessage", "ClearVariableMonitoring", 4)
    assert [len(piece.monitors) for piece in pieces(bravo, "set_monitors", monitors=wanted)] == [2, 2, 1]
    ids = [piece.monitor_ids for piece in pieces(bravo, "clear_monitors", monitor_ids=[5, 4, 3, 2, 1])]
    assert ids == [(5, 4, 3, 2), (1,)]


def test_what_several_messages_were_answered_is_one_outcome():
    sender = ADAPTER.senders["clear_monitors"]
    answers = [[{"id": 1, "status": "Accepted"}], [{"id": 2, "status": "NotFound"}]]
    outcomes = [sender.decode({"clearMonitoringResult": answer}) for answer in answers]
    joined = sender.joined(command("clear_monitors", monitor_ids=[1, 2]), outcomes)
    assert (joined.state, joined.status) == (CommandState.REJECTED, "NotFound")
    assert [told["monitor_id"] for told in joined.detail["monitors"]] == [1, 2]


@pytest.mark.parametrize("name", ["get_report", "get_monitoring_report"])
def test_a_report_is_asked_for_in_one_message_or_not_at_all(bravo, name):
    limit(bravo, "DeviceDataCtrlr", "ItemsPerMessage", "GetReport", 1)
    names = [{"component": "A"}, {"component": "B"}]
    assert len(pieces(bravo, name, component_variables=names[:1])) == 1
    with pytest.raises(CommandUnsupported, match="up to 1"):
        pieces(bravo, name, component_variables=names)
