"""What can't be asked of the device model, of displays and about customers."""

import pytest

from emobi.core.errors import Invalid
from stations.commands import catalogue

MONITOR = {"component": "EVSE", "variable": "Power", "type": "Delta", "value": 1, "severity": 5}
MESSAGE = {"message_id": 1, "priority": "InFront", "content": "x"}


@pytest.mark.parametrize(
    ("name", "params", "field"),
    [
        ("get_report", {"component_criteria": ["Broken"]}, "params.component_criteria.0"),
        ("get_report", {"component_criteria": ["Problem", "Problem"]}, "params.component_criteria"),
        (
            "get_report",
            {"component_variables": [{"component": ""}]},
            "params.component_variables.0.component",
        ),
        ("get_report", {"component_variables": [{"component": "A", "connector_id": 1}]}, "params.evse_id"),
        (
            "get_report",
            {"component_variables": [{"component": "A", "variable_instance": "x"}]},
            "params.component_variables.0.variable",
        ),
        ("set_monitors", {"monitors": []}, "params.monitors"),
        ("set_monitors", {"monitors": [MONITOR | {"severity": 10}]}, "params.monitors.0.severity"),
        ("set_monitors", {"monitors": [MONITOR | {"value": float("nan")}]}, "params.monitors.0.value"),
        ("set_monitors", {"monitors": [MONITOR | {"connector_id": 1}]}, "params.evse_id"),
        ("set_monitors", {"monitors": [MONITOR, MONITOR | {"component": "evse"}]}, "params.monitors.1"),
        ("clear_monitors", {"monitor_ids": []}, "params.monitor_ids"),
        ("clear_monitors", {"monitor_ids": [1, 1]}, "params.monitor_ids"),
        ("set_monitoring_base", {}, "params.monitoring_base"),
        ("set_monitoring_level", {"severity": -1}, "params.severity"),
        (
            "get_monitoring_report",
            {"monitoring_criteria": ["DeltaMonitoring", "DeltaMonitoring"]},
            "params.monitoring_criteria",
        ),
        ("set_display_message", MESSAGE | {"content": "x" * 513}, "params.content"),
        ("set_display_message", MESSAGE | {"language": "en US"}, "params.language"),
        ("set_display_message", MESSAGE | {"start_at": "2026-05-04T12:00:00"}, "params.start_at"),
        ("set_display_message", MESSAGE | {"end_at": "9999-01-01T00:00:00Z"}, "params.end_at"),
        (
            "set_display_message",
            MESSAGE | {"start_at": "2026-05-04T12:00:00Z", "end_at": "2026-05-04T13:00:00+01:00"},
            "params.end_at",
        ),
        (
            "set_display_message",
            MESSAGE | {"display": {"component": "D", "connector_id": 1}},
            "params.evse_id",
        ),
        ("get_display_messages", {"message_ids": [1, 1]}, "params.message_ids"),
        ("clear_display_message", {}, "params.message_id"),
        ("customer_information", {}, "params.id_token"),
        ("customer_information", {"id_token": "A", "customer_identifier": "B"}, "params.id_token"),
        ("customer_information", {"id_token": "A", "report": False}, "params.report"),
        ("customer_information", {"id_token": "A", "forget_here": True}, "params.forget_here"),
        (
            "customer_information",
            {"customer_identifier": "A", "clear": True, "forget_here": True},
            "params.forget_here",
        ),
        (
            "customer_information",
            {"customer_identifier": "A", "additional_info": [{"additional_id_token": "B", "type": "C"}]},
            "params.additional_info",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_field_that_is_wrong(name, params, field):
    with pytest.raises(Invalid) as refused:
        catalogue.parse(name, params)
    assert refused.value.field == field


def test_two_monitors_of_a_variable_differ_in_type_or_severity():
    monitors = [MONITOR, MONITOR | {"severity": 4}, MONITOR | {"type": "Periodic"}, MONITOR | {"evse_id": 1}]
    assert catalogue.parse("set_monitors", {"monitors": monitors})
