"""Reports by e-mail: each period once, to those who want it."""

from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Invalid
from emobi.core.models import AuditEntry
from sessions.models import Every, ReportSubscription
from sessions.services import report_letters
from stations import network_uptime
from stations.models import Notification, Station
from stations.services.ledger import outages

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
BY = "user:ada"


def wanted(network, every=Every.MONTH, at=MAY + timedelta(days=9), to="ada@example.org"):
    with clock.at(at):
        return report_letters.subscribe(network, to, every, by=BY)


def sent(at):
    with clock.at(at):
        return report_letters.send_due()


@pytest.fixture
def history(alpha, bravo):
    """Two days of May without alpha."""
    Station.objects.update(created_at=MAY - timedelta(days=60))
    for day, event in (
        (-30, events.StationOnline(offline_s=None)),
        (10, events.StationOffline(reason="gone", last_heard_at=None)),
        (12, events.StationOnline(offline_s=2 * 86400)),
    ):
        with clock.at(MAY + timedelta(days=day)), unit_of_work.begin():
            events.record(alpha.subject, event)
    with clock.at(JUNE):
        outages.advance_all()


def test_a_month_is_sent_once_when_it_is_over(network, history):
    made = wanted(network)
    assert made.next_at == JUNE + timedelta(hours=5)
    assert sent(JUNE) == 0
    assert sent(JUNE + timedelta(hours=6)) == 1
    assert sent(JUNE + timedelta(days=2)) == 0
    told = Notification.objects.get()
    assert (told.recipient, told.path) == ("ada@example.org", "/reports/?month=2026-05")
    assert told.subject == "Charging report of Grid: May 2026"
    for line in (
        "Uptime of all EVSEs: 93.55 %; 1 of 1 below 97 %, the worst:",
        "  alpha: 93.55 %",
        "Sessions: 0 (0 refused, 0 without energy)",
        "Incidents: 0",
        "Data complete to 2026-06-01 00:00 UTC.",
    ):
        assert line in told.text.splitlines()
    made.refresh_from_db()
    assert made.next_at == datetime(2026, 7, 1, 5, tzinfo=UTC)


def test_a_week_is_from_monday_to_monday(network, history):
    made = wanted(network, Every.WEEK, at=datetime(2026, 5, 13, 9, tzinfo=UTC))
    assert made.next_at == datetime(2026, 5, 18, 5, tzinfo=UTC)
    # Three weeks without a worker: what was due then, and then the next one in its time.
    assert sent(JUNE + timedelta(days=2)) == 1
    told = Notification.objects.get()
    assert told.subject.endswith("the week from 2026-05-11")
    assert told.path == "/reports/?from=2026-05-11&to=2026-05-17"
    assert "2026-05-11 to 2026-05-18 (UTC)" in told.text
    made.refresh_from_db()
    assert made.next_at == datetime(2026, 6, 8, 5, tzinfo=UTC)


def test_it_waits_for_the_ledger_but_not_for_ever(network, alpha):
    made = wanted(network)
    with clock.at(MAY + timedelta(days=20)), unit_of_work.begin():
        events.record(alpha.subject, events.StationOnline(offline_s=None))
    assert sent(JUNE + timedelta(hours=6)) == 0
    made.refresh_from_db()
    assert made.next_at == JUNE + timedelta(hours=6, minutes=30)
    assert sent(JUNE + timedelta(hours=25)) == 1
    assert "Data complete to 2026-05-21 00:00 UTC." in Notification.objects.get().text


def test_who_wants_it_is_kept_once_and_let_go(network):
    made = wanted(network)
    assert wanted(network, to="ADA@example.org") == made
    with pytest.raises(Invalid):
        wanted(network, to="nobody\nBcc: all@example.org")
    report_letters.unsubscribe(made, by=BY)
    report_letters.unsubscribe(made, by=BY)
    assert not ReportSubscription.objects.exists()
    assert [each.action for each in AuditEntry.objects.order_by("pk")] == [
        "report_subscription.created",
        "report_subscription.deleted",
    ]


def test_all_stations_count_however_they_are_read(network, history, monkeypatch):
    span = (MAY, JUNE)
    [whole] = network_uptime.of(network, [span], JUNE)
    monkeypatch.setattr(network_uptime, "PORTION", 1)
    [portions] = network_uptime.of(network, [span], JUNE)
    assert portions == whole
    assert whole.evses == 1
