import pytest

from stations.commands import catalogue
from stations.models import CommandState
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
