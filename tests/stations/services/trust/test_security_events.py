from emobi.core.models import AuditEntry
from stations.models import SecurityEventEntry
from stations.reports import SecurityEventReport
from stations.services.registry import registration
from stations.services.trust import security_events
from tests.stations.telling import NOON, after, tell, tell_at, told, types


def report(at=NOON, type="TamperDetectionActivated", tech_info="lid") -> SecurityEventReport:
    return SecurityEventReport(type=type, station_time=at, tech_info=tech_info)


def test_an_entry_is_kept_and_told(bravo):
    tell_at(after(60), security_events.record, bravo, report())
    assert told(bravo) == [
        (
            "security.event",
            {
                "event_type": "TamperDetectionActivated", "tech_info": "lid",
                "station_time": "2026-05-04T12:00:00.000Z", "received_at": "2026-05-04T12:01:00.000Z",
            },
        )
    ]  # fmt: skip
    entry = SecurityEventEntry.objects.get()
    assert (entry.type, entry.tech_info, entry.station_time, entry.received_at) == (
        "TamperDetectionActivated", "lid", NOON, after(60),
    )  # fmt: skip


def test_a_queue_that_is_sent_again_says_nothing_new(bravo):
    for _ in range(2):
        tell(security_events.record, bravo, report())
        tell(security_events.record, bravo, report(after(1)))
    assert SecurityEventEntry.objects.count() == 2
    assert types(bravo) == ["security.event"] * 2


def test_the_same_at_another_station_is_another_entry(alpha, bravo):
    tell(security_events.record, alpha, report())
    tell(security_events.record, bravo, report())
    assert SecurityEventEntry.objects.count() == 2


def test_entries_without_a_time_are_all_kept(bravo):
    for _ in range(2):
        tell(security_events.record, bravo, report(at=None))
    assert SecurityEventEntry.objects.count() == 2


def test_texts_that_are_too_long_are_cut(bravo):
    for _ in range(2):
        tell(security_events.record, bravo, report(type="ä" * 999, tech_info="\U0001f50c" * 9999))
    entry = SecurityEventEntry.objects.get()
    assert (len(entry.type), len(entry.tech_info)) == (100, 500)


def test_no_information_is_none(bravo):
    tell(security_events.record, bravo, report(tech_info=None))
    assert told(bravo)[0][1]["tech_info"] is None


def test_they_outlive_their_station_in_the_audit_log(bravo):
    for minutes in range(101):
        tell_at(after(60), security_events.record, bravo, report(after(minutes)))
    tell(security_events.record, bravo, report(type="ResetOrReboot"))
    tell(security_events.record, bravo, report(type="vendor's own"))
    registration.unregister(bravo, by="user:alice")
    entries = AuditEntry.objects.filter(action="station.security_events_kept", target="bravo").order_by("pk")
    kept = [entry.detail["events"] for entry in entries]
    assert [len(some) for some in kept] == [100, 3]
    assert [each["type"] for each in kept[1]][1:] == ["ResetOrReboot", "vendor's own"]
    assert kept[0][0] == {
        "type": "TamperDetectionActivated", "tech_info": "lid",
        "station_time": "2026-05-04T12:00:00.000Z", "received_at": kept[0][0]["received_at"],
    }  # fmt: skip
    assert not SecurityEventEntry.objects.exists()
