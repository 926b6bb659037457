from datetime import UTC, datetime

import pytest

from gateway.ocpp201 import notify_event
from stations.models import Deviation, MonitoredEvent
from stations.reports import MonitoredEventReport
from tests.gateway.hearing import hear, parsed

ELEMENT = {
    "eventId": 3,
    "timestamp": "2026-05-04T11:00:00Z",
    "trigger": "Alerting",
    "actualValue": "true",
    "eventNotificationType": "HardWiredMonitor",
    "component": {"name": "ConnectorPlugRetentionLock"},
    "variable": {"name": "Problem"},
}


def events(*elements):
    return {"generatedAt": "2026-05-04T11:00:00Z", "seqNo": 0, "eventData": list(elements)}


def test_what_an_event_says_is_translated():
    said = ELEMENT | {
        "cause": 2,
        "techCode": "E7",
        "techInfo": "stuck",
        "cleared": True,
        "transactionId": "tx-1",
        "variableMonitoringId": 9,
        "component": {"name": "Lock", "instance": "left", "evse": {"id": 1, "connectorId": 2}},
        "variable": {"name": "Problem", "instance": "now"},
    }
    assert parsed("2.0.1", notify_event, "NotifyEvent", events(said)) == (
        MonitoredEventReport(
            event_id=3,
            station_time=datetime(2026, 5, 4, 11, tzinfo=UTC),
            trigger="Alerting",
            component="Lock",
            variable="Problem",
            actual_value="true",
            evse_id=1,
            connector_id=2,
            cleared=True,
            transaction_id="tx-1",
            detail={
                "cause": 2,
                "event_notification_type": "HardWiredMonitor",
                "tech_code": "E7",
                "tech_info": "stuck",
                "variable_monitoring_id": 9,
                "component_instance": "left",
                "variable_instance": "now",
            },
        ),
    )


def test_what_it_does_not_say_is_left_out():
    (report,) = parsed("2.0.1", notify_event, "NotifyEvent", events(ELEMENT))
    assert (report.cleared, report.transaction_id, report.evse_id) == (False, None, None)
    assert report.detail == {"event_notification_type": "HardWiredMonitor"}


@pytest.mark.parametrize(
    "odd", [{}, {"eventId": -(2**62)}, {"component": {"name": "X", "evse": {"id": 2**31 - 1}}}]
)
def test_an_event_is_kept_once(bravo, odd):
    assert hear(bravo, "NotifyEvent", events(ELEMENT | odd)) == {}
    assert hear(bravo, "NotifyEvent", events(ELEMENT | odd)) == {}
    assert MonitoredEvent.objects.count() == 1


def test_ids_that_ocpp_has_no_words_for_still_tell_events_apart(bravo):
    hear(bravo, "NotifyEvent", events(*[ELEMENT | {"eventId": 1_790_000_000_000 + n} for n in (0, 1)]))
    assert MonitoredEvent.objects.count() == 2
    assert (Deviation.objects.get().path, Deviation.objects.get().rule) == ("eventData[].eventId", "range")
