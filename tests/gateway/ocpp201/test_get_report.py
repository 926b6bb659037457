import pytest

from emobi.core import clock
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import get_monitoring_report, get_report
from stations.commands import catalogue
from stations.models import CommandState, Variable
from tests.gateway.hearing import answered, asked


def report(**params):
    return catalogue.parse("get_report", {"request_id": 4} | params)


@pytest.mark.parametrize(
    ("params", "payload"),
    [
        ({}, {}),
        (
            {"component_criteria": ["Active", "Available", "Enabled", "Problem"]},
            {"componentCriteria": ["Active", "Available", "Enabled", "Problem"]},
        ),
        (
            {"component_variables": [{"component": "EVSE"}]},
            {"componentVariable": [{"component": {"name": "EVSE"}}]},
        ),
        (
            {
                "component_variables": [
                    {
                        "component": "Connector",
                        "component_instance": "left",
                        "evse_id": 2,
                        "connector_id": 1,
                        "variable": "Power",
                        "variable_instance": "now",
                    }
                ]
            },
            {
                "componentVariable": [
                    {
                        "component": {
                            "name": "Connector",
                            "instance": "left",
                            "evse": {"id": 2, "connectorId": 1},
                        },
                        "variable": {"name": "Power", "instance": "now"},
                    }
                ]
            },
        ),
    ],
)
def test_it_is_asked(params, payload):
    assert asked("2.0.1", "get_report", report(**params)) == ("GetReport", {"requestId": 4} | payload)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("EmptyResultSet", CommandState.ACCEPTED),
        ("NotSupported", CommandState.REJECTED),
        ("Rejected", CommandState.REJECTED),
    ],
)
def test_an_empty_report_is_no_refusal(status, state):
    outcome = answered("2.0.1", "get_report", report(), {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize(
    ("name", "split"),
    [("get_report", get_report.split), ("get_monitoring_report", get_monitoring_report.split)],
)
@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [("ItemsPerMessage", "1", "up to 1 component_variables"), ("BytesPerMessage", "120", "up to 120 bytes")],
)
def test_one_that_is_too_large_is_refused(bravo, name, split, limit, value, words):
    wanted = [{"component": "EVSE", "evse_id": number, "variable": "Power"} for number in (1, 2)]
    asked_for = catalogue.parse(name, {"request_id": 4, "component_variables": wanted})
    assert split(asked_for, bravo) == (asked_for,)
    Variable.objects.create(
        station=bravo, component="DeviceDataCtrlr", variable=limit, variable_instance="GetReport",
        value=value, reported_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(CommandUnsupported, match=words):
        split(asked_for, bravo)
