from datetime import UTC, datetime

from gateway.ocpp201 import notify_monitoring_report
from stations.models import Monitor
from stations.reports import MonitorReport, MonitorsReport
from tests.gateway.hearing import hear, kinds, parsed

WATCHED = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power", "instance": "now"}}
FIRST = {"id": 3, "transaction": True, "value": 11000.5, "type": "UpperThreshold", "severity": 4}
SECOND = {"id": 4, "transaction": False, "value": 60, "type": "Periodic", "severity": 9}
PART = {
    "requestId": 7,
    "seqNo": 1,
    "tbc": True,
    "generatedAt": "2026-05-04T11:00:00Z",
    "monitor": [WATCHED | {"variableMonitoring": [FIRST, SECOND]}],
}


def test_what_a_part_says_is_translated():
    named = {"component": "EVSE", "evse_id": 1, "variable": "Power", "variable_instance": "now"}
    assert parsed("2.0.1", notify_monitoring_report, "NotifyMonitoringReport", PART) == MonitorsReport(
        request_id=7,
        seq_no=1,
        last=False,
        station_time=datetime(2026, 5, 4, 11, tzinfo=UTC),
        monitors=(
            MonitorReport(
                **named, monitor_id=3, transaction=True, value=11000.5, type="UpperThreshold", severity=4
            ),
            MonitorReport(**named, monitor_id=4, value=60, type="Periodic", severity=9),
        ),
    )


def test_the_end_of_a_report_is_told(bravo):
    assert hear(bravo, "NotifyMonitoringReport", PART) == {}
    assert kinds(bravo) == []
    end = {"requestId": 7, "seqNo": 2, "generatedAt": "2026-05-04T11:00:00Z"}
    assert hear(bravo, "NotifyMonitoringReport", end) == {}
    assert kinds(bravo) == ["monitor.report_received"]
    assert Monitor.objects.count() == 2
