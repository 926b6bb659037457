"""Reports of a month."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, events, unit_of_work
from stations.models import OutageExclusion, Station
from stations.services.ledger import outages
from tests.dashboard.state import charge, streamed

MAY = datetime(2026, 5, 1, tzinfo=UTC)


def day(number):
    return MAY + timedelta(days=number)


@pytest.fixture
def history(alpha, bravo):
    """Two days of outage of alpha in May, of which nothing is excluded; the clock stands in June."""
    Station.objects.update(created_at=day(-60))
    for at, kind in (
        (-30, events.StationOnline(offline_s=None)),
        (10, events.StationOffline(reason="<b>gone</b>", last_heard_at=None)),
        (12, events.StationOnline(offline_s=2 * 86400)),
    ):
        with clock.at(day(at)), unit_of_work.begin():
            events.record(alpha.subject, kind)
    charge(alpha, state="ended", started_at=day(3), received_at=day(3), heard_at=day(3), meter_stop_wh=9000)
    charge(alpha, started_at=day(3), received_at=day(3), heard_at=day(3), authorization="Blocked")
    with clock.at(day(46)):
        outages.advance_all()
        yield


def test_a_month_has_its_figures(viewer, history):
    page = viewer.get("/reports/?month=2026-05").content.decode()
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "93.55 %" in text
    assert "below 97 %" in text
    assert "50.0 %" in text
    assert "used up" in text
    assert "complete to 2026-06-16 00:00" in re.sub(r"\s+", " ", text)


def test_files_have_the_same_figures(viewer, history):
    uptime = streamed(viewer.get("/reports/uptime.csv?month=2026-05")).splitlines()
    assert uptime[1].startswith("alpha,,2026-05,2678400,172800,0,1,93.5484,")
    lost = streamed(viewer.get("/reports/outages.ndjson?month=2026-05"))
    assert '"cause":"offline"' in lost
    assert "alpha,2026-05,2," in streamed(viewer.get("/reports/sessions.csv?month=2026-05"))
    assert viewer.get("/reports/uptime.pdf").status_code == 404


def test_an_outage_is_excluded_and_withdrawn_by_an_admin_with_the_reason(admin, history):
    path = "/reports/stations/alpha/"
    page = admin.get(f"{path}?month=2026-05").content.decode()
    assert "&lt;b&gt;gone" in page
    assert "from=2026-05-11T00:00:00" in page
    span = {"from": "2026-05-11T00:00", "to": "2026-05-13T00:00", "reason": "The grid.", "month": "2026-05"}
    wrong = admin.post(f"{path}exclude/", {**span, "to": "2026-05-11T00:00"})
    assert wrong.status_code == 422
    assert "It must end after it begins." in wrong.content.decode()
    done = admin.post(f"{path}exclude/", span, follow=True).content.decode()
    assert "100.000 %" in done
    made = OutageExclusion.objects.get()
    assert (made.reason, made.author.startswith("user:")) == ("The grid.", True)
    admin.post(f"{path}exclusions/{made.pk}/withdraw/", {"reason": "No.", "month": "2026-05"})
    made.refresh_from_db()
    assert made.withdrawn_reason == "No."
    assert "93.548 %" in admin.get(f"{path}?month=2026-05").content.decode()


def test_others_only_look(operator, stranger, history):
    assert operator.post("/reports/stations/alpha/exclude/", {}).status_code == 403
    assert "Exclude a span" not in operator.get("/reports/stations/alpha/").content.decode()
    assert operator.get("/reports/stations/stranger/").status_code == 404


def test_a_page_of_many_stations_asks_no_more_often(viewer, network, history, django_assert_max_num_queries):
    for number in range(30):
        Station.objects.create(network=network, identity=f"CP{number:03}")
    viewer.get("/reports/")
    with django_assert_max_num_queries(30):
        viewer.get("/reports/?month=2026-05")
