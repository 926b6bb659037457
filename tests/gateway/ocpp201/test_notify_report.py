from datetime import UTC, datetime

import pytest

from gateway.ocpp201 import notify_report
from stations.models import Variable
from stations.reports import VariableReport
from tests.gateway.hearing import hear, kinds, parsed

POWER = {
    "component": {"name": "EVSE", "instance": "left", "evse": {"id": 1, "connectorId": 2}},
    "variable": {"name": "Power", "instance": "now"},
    "variableAttribute": [{"value": "11000", "mutability": "ReadOnly", "persistent": True, "constant": True}],
    "variableCharacteristics": {
        "dataType": "decimal",
        "unit": "W",
        "maxLimit": 22000,
        "supportsMonitoring": True,
        "customData": {"vendorId": "acme"},
    },
}
LIMITS = {
    "component": {"name": "OCPPCommCtrlr"},
    "variable": {"name": "HeartbeatInterval"},
    "variableAttribute": [{"type": "Target", "value": "60"}, {"type": "MaxSet", "value": "3600"}],
}


def part(*data, **said):
    report = {"requestId": 5, "generatedAt": "2026-05-04T11:00:00Z", "seqNo": 0, **said}
    return report | ({"reportData": list(data)} if data else {})


def test_each_attribute_is_a_variable_report():
    said = parsed("2.0.1", notify_report, "NotifyReport", part(POWER, LIMITS))
    assert said.variables == (
        VariableReport(
            component="EVSE",
            component_instance="left",
            variable="Power",
            variable_instance="now",
            evse_id=1,
            connector_id=2,
            value="11000",
            mutability="ReadOnly",
            persistent=True,
            constant=True,
            characteristics={
                "dataType": "decimal",
                "unit": "W",
                "maxLimit": 22000,
                "supportsMonitoring": True,
            },
        ),
        *(
            VariableReport(
                component="OCPPCommCtrlr",
                variable="HeartbeatInterval",
                attribute=attribute,
                value=value,
                mutability="ReadWrite",  # what OCPP takes for granted
                persistent=False,
                constant=False,
            )
            for attribute, value in (("Target", "60"), ("MaxSet", "3600"))
        ),
    )


@pytest.mark.parametrize(("said", "last"), [({}, True), ({"tbc": False}, True), ({"tbc": True}, False)])
def test_the_last_part_is_the_one_that_announces_no_other(said, last):
    report = parsed("2.0.1", notify_report, "NotifyReport", part(**said, seqNo=3))
    assert (report.request_id, report.seq_no, report.last, report.variables) == (5, 3, last, ())
    assert report.station_time == datetime(2026, 5, 4, 11, tzinfo=UTC)


def test_a_report_fills_the_device_model(bravo):
    assert hear(bravo, "NotifyReport", part(POWER, tbc=True)) == {}
    assert kinds(bravo) == []
    hear(bravo, "NotifyReport", part(LIMITS, seqNo=1))
    assert kinds(bravo) == ["config.report_received"]
    assert Variable.objects.count() == 3


def test_a_variable_of_an_evse_that_no_station_has_breaks_no_report(bravo):
    odd = LIMITS | {"component": {"name": "EVSE", "evse": {"id": 2**31 - 1}}}
    assert hear(bravo, "NotifyReport", part(odd, POWER)) == {}
    assert Variable.objects.filter(component="EVSE", evse_id=1).exists()
