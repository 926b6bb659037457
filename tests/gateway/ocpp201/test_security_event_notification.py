from datetime import UTC, datetime

from gateway.ocpp201 import security_event_notification
from stations.models import SecurityEventEntry
from stations.reports import SecurityEventReport
from tests.gateway.hearing import hear, kinds, parsed

ENTRY = {"type": "TamperDetectionActivated", "timestamp": "2026-05-01T00:00:00Z", "techInfo": "lid"}


def test_an_entry_is_translated():
    assert parsed(
        "2.0.1", security_event_notification, "SecurityEventNotification", ENTRY
    ) == SecurityEventReport(
        type="TamperDetectionActivated", station_time=datetime(2026, 5, 1, tzinfo=UTC), tech_info="lid"
    )


def test_an_entry_without_a_time_is_kept_all_the_same(bravo):
    assert hear(bravo, "SecurityEventNotification", {"type": "Reset"}) == {}
    assert SecurityEventEntry.objects.get().station_time is None


def test_a_queue_that_is_sent_again_says_nothing_new(bravo):
    hear(bravo, "SecurityEventNotification", ENTRY)
    hear(bravo, "SecurityEventNotification", ENTRY)
    assert kinds(bravo) == ["security.event"]
