"""Reports of a month, or of any days."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User

from emobi.core import clock, events, unit_of_work
from emobi.core.models import Preferences
from sessions.models import ChargingSession, ReportSubscription
from stations.models import Connector, InstalledCertificate, OutageExclusion, Station
from stations.services.ledger import outages
from tests.dashboard.state import charge, streamed

MAY = datetime(2026, 5, 1, tzinfo=UTC)


def day(number):
    return MAY + timedelta(days=number)


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


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
    page = viewer.get("/reports/?month=2026-05&all=1").content.decode()
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
    assert "?month=2026-05&amp;exclude-from=2026-05-11T00:00:00&amp;exclude-to=2026-05-13T00:00:00#" in page
    span = {"from": "2026-05-11T00:00", "to": "2026-05-13T00:00", "reason": "The grid."}
    wrong = admin.post(f"{path}exclude/?month=2026-05", {**span, "to": "2026-05-11T00:00"})
    assert wrong.status_code == 422
    assert "It must end after it begins." in wrong.content.decode()
    done = admin.post(f"{path}exclude/?month=2026-05", span, follow=True).content.decode()
    assert "100.000 %" in done
    made = OutageExclusion.objects.get()
    assert (made.reason, made.author.startswith("user:")) == ("The grid.", True)
    admin.post(f"{path}exclusions/{made.pk}/withdraw/?from=2026-05-01&to=2026-05-31", {"reason": "No."})
    made.refresh_from_db()
    assert made.withdrawn_reason == "No."
    assert "93.548 %" in admin.get(f"{path}?month=2026-05").content.decode()


def test_any_days_are_a_period_with_the_same_figures(viewer, admin, history):
    days = "from=2026-05-10&to=2026-05-14"
    page = plain(viewer.get(f"/reports/?{days}&all=1"))
    # Two of five days; the bars stay months.
    assert "Uptime of all EVSEs60.00 %" in page
    assert "May 2026: 93.55 %" in page
    assert "figures are of 2026-05-10 to 2026-05-14" in page
    shown = viewer.get(f"/reports/?{days}").content.decode()
    assert 'href="/reports/?from=2026-05-05&amp;to=2026-05-09"' in shown
    assert 'href="/reports/?from=2026-05-15&amp;to=2026-05-19"' in shown
    assert 'href="/reports/stations/alpha/?from=2026-05-10&amp;to=2026-05-14"' in shown
    assert '/fragments/reports/use/?from=2026-05-10&amp;to=2026-05-14"' in shown
    assert '/reports/uptime.csv?from=2026-05-10&amp;to=2026-05-14"' in shown
    station = plain(viewer.get(f"/reports/stations/alpha/?{days}"))
    assert "60.000 %" in station
    assert "no session in this time" in station
    uptime = streamed(viewer.get(f"/reports/uptime.csv?{days}")).splitlines()
    assert uptime[0].startswith("station,evse_id,from,to,period_s,")
    assert uptime[1].startswith("alpha,,2026-05-10,2026-05-14,432000,172800,0,1,60.0,")
    sessions = streamed(viewer.get("/reports/sessions.csv?from=2026-05-04&to=2026-05-04"))
    assert "alpha,2026-05-04,2026-05-04,2," in sessions
    assert viewer.get("/reports/?from=2026-05-01&to=2026-05-31").context["shown"].query == "month=2026-05"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-05-10&to=2026-05-09", "It ends before it begins."),
        ("from=2025-05-10&to=2026-05-11", "366 days at most; these are 367."),
        ("from=2026-06-17&to=2026-06-18", "It begins in the future."),
        ("from=yesterday&to=%3Cb%3E", "Say the day as 2026-11-29."),
        ("from=0001-01-01&to=9999-12-31", "Between 2000 and 2100."),
        ("to=2026-05-09", "Say the first day, too."),
        ("month=2026-13", "Say the month as 2026-11."),
    ],
)
def test_what_is_no_period_is_refused_in_words(viewer, history, asked, said):
    for path in ("/reports/", "/reports/stations/alpha/", "/reports/uptime.csv", "/fragments/reports/use/"):
        answer = viewer.get(f"{path}?{asked}")
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
        assert "<b>" not in answer.content.decode()
    page = viewer.get(f"/reports/?{asked}").content.decode()
    assert 'role="alert">' in page
    assert "2026-06-10&amp;to=2026-06-16" in page


@pytest.mark.parametrize("asked", ["month=2026-05", "from=2026-05-10&to=2026-05-09"], ids=["span", "period"])
def test_all_that_a_refused_exclusion_links_to_is_there(admin, history, asked):
    at = "/reports/stations/alpha/exclude/"
    page = admin.post(f"{at}?{asked}", {"from": "2026-05-13T00:00", "to": "2026-05-11T00:00"})
    assert page.status_code == 422
    main = unescape(page.content.decode().split("<main", 1)[1].split("</main>")[0])
    leads = {urljoin(at, each) for each in re.findall(r'<(?:a|div)\b[^>]* (?:href|hx-get)="([^"]*)"', main)}
    assert len([each for each in leads if each.startswith("/reports/stations/alpha/?")]) >= 4
    assert {each: admin.get(each).status_code for each in leads} == dict.fromkeys(leads, 200)
    # Days are asked for by a form, and its answer is the page, too.
    assert re.findall(r'<form[^>]* method="get"[^>]* action="([^"]*)"', main) == ["/reports/stations/alpha/"]
    assert "data-copy-link" not in main


def test_others_only_look(operator, stranger, history):
    assert operator.post("/reports/stations/alpha/exclude/", {}).status_code == 403
    assert "Exclude a span" not in operator.get("/reports/stations/alpha/").content.decode()
    assert operator.get("/reports/stations/stranger/").status_code == 404


def test_a_page_of_many_stations_asks_no_more_often(viewer, network, history, django_assert_max_num_queries):
    for number in range(30):
        Station.objects.create(network=network, identity=f"CP{number:03}")
    viewer.get("/reports/")
    with django_assert_max_num_queries(12):
        viewer.get("/reports/?month=2026-05")


def test_what_takes_a_while_comes_after_the_page(viewer, history):
    page = viewer.get("/reports/?month=2026-05").content.decode()
    whole = viewer.get("/reports/?month=2026-05&all=1").content.decode()
    said = {
        "overall": "1 of 1 below 97 %",
        "figures": "Sessions that worked</span>",
        "sites": "Uptime of its EVSEs",
        "use": "Charging, by weekday and hour",
        "posture": "Firmware now",
    }
    for part, words in said.items():
        assert f'hx-get="/fragments/reports/{part}/?month=2026-05"' in page
        assert words not in page
        assert words in whole
        assert words in viewer.get(f"/fragments/reports/{part}/?month=2026-05").content.decode()
    assert 'hx-swap-oob="true"' in viewer.get("/fragments/reports/overall/?month=2026-05").content.decode()
    assert viewer.get("/fragments/reports/nothing/").status_code == 404


def test_each_site_has_its_figures_and_its_peak(viewer, alpha, bravo, history):
    Station.objects.filter(pk=alpha.pk).update(site="Depot <A>")
    at = {"state": "ended", "meter_start_wh": 0, "meter_stop_wh": 11_000}
    for hour in (0, 0.5):
        begins = day(20) + timedelta(hours=hour)
        till = begins + timedelta(hours=1)
        charge(bravo, **at, started_at=begins, received_at=begins, heard_at=till)
    text = re.sub(r"<[^>]+>|\s+", " ", viewer.get("/reports/?month=2026-05&all=1").content.decode())
    text = re.sub(r" +", " ", text)
    assert "Depot &lt;A&gt; 1 93.55 % 1 of 1 50.0 % of 2" in text
    # Two of 11 kW each for half an hour.
    assert "of no site 1 – 0 of 0 100.0 % of 2 22.00 kWh 22.00 kW" in text


def test_use_is_the_time_with_a_session_and_that_in_which_energy_flowed(viewer, alpha, bravo, history):
    ChargingSession.objects.all().delete()
    Station.objects.update(created_at=day(0))
    for station in (alpha, bravo):
        Connector.objects.create(
            station=station, evse_id=1, connector_id=1, status="Available", changed_at=MAY, reported_at=MAY
        )
    monday = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
    seconds = round(monday.timestamp())
    at = {"state": "ended", "received_at": monday, "heard_at": monday + timedelta(hours=4)}
    spans = [[seconds, seconds + 3600], [seconds + 7200, seconds + 9000]]
    flow = {"at": seconds + 9000, "wh": 44_000, "on": None, "spans": spans}
    charge(alpha, **at, flow=flow, meter_start_wh=0, meter_stop_wh=44_000)
    page = plain(viewer.get("/reports/stations/alpha/?month=2026-05&all=1"))
    assert "Occupied0.5 % of the time (4 h 00 min of 31 d 0 h" in page
    assert "Charging0.2 % of the time (1 h 30 min)" in page
    assert "Peak11.0 kW" in page
    # One of four Mondays.
    assert page.count("Mon 18:00: 25 %") == 1
    assert page.count("Mon 18:00: 12 %") == 1
    fragment = plain(viewer.get("/fragments/reports/stations/alpha/use/?month=2026-05"))
    assert "Charging0.2 % of the time (1 h 30 min)" in fragment
    # Of the network half of that; and of a session without readings nobody can tell.
    charge(bravo, **at)
    page = plain(viewer.get("/fragments/reports/use/?month=2026-05"))
    assert "Occupied0.5 % of the time (8 h 00 min of 62 d 0 h" in page
    assert "Charging0.1 % of the time (1 h 30 min)" in page
    # Neither of what comes over an hour after the last reading.
    assert "For 68.8 % of the occupied time none tells" in page
    assert "not known (no meter reading tells)" in plain(
        viewer.get("/fragments/reports/stations/bravo/use/?month=2026-05")
    )
    assert viewer.get("/fragments/reports/stations/stranger/use/").status_code == 404


def test_use_is_by_the_hours_of_whoever_looks_and_outages_in_utc(viewer, history):
    Preferences.objects.create(user=User.objects.get(username="vera"), zone="Asia/Kolkata")
    assert '<th scope="col">IST</th>' in viewer.get("/reports/?month=2026-05&all=1").content.decode()
    page = viewer.get("/reports/stations/alpha/?month=2026-05").content.decode()
    assert ">2026-05-11 00:00:00</time>" in page


def test_what_the_stations_run_on(viewer, network, alpha, bravo):
    now = clock.wall()
    Station.objects.filter(pk=alpha.pk).update(firmware_version="9.9.9", security_profile=2)
    InstalledCertificate.objects.create(
        station=alpha, use="ChargingStationCertificate", hash_algorithm="SHA256", issuer_name_hash="a",
        issuer_key_hash="b", serial_number="1", digest="d", not_after=now - timedelta(days=1),
    )  # fmt: skip
    text = re.sub(r"<[^>]+>|\s+", " ", viewer.get("/reports/?all=1").content.decode())
    assert re.search(r"Volt One +9\.9\.9 +1", text)
    assert re.search(r"Profile 2: password, TLS +1", text)
    assert re.search(r"have ended +1 stations", text)


def test_letters_are_for_oneself_and_by_admins_for_others(viewer, admin, network):
    assert "no e-mail address" in viewer.get("/reports/").content.decode()
    User.objects.filter(username="vera").update(email="vera@example.org")
    assert "Send me these figures" in viewer.get("/reports/").content.decode()
    viewer.post("/reports/letters/", {"every": "week"})
    viewer.post("/reports/letters/", {"every": "month", "recipient": "boss@example.org"})
    viewer.post("/reports/letters/", {"every": "hour"})
    admin.post("/reports/letters/", {"every": "month", "recipient": "Boss@example.org"})
    wanted = {(each.recipient, each.every): each for each in ReportSubscription.objects.all()}
    assert set(wanted) == {("vera@example.org", "week"), ("boss@example.org", "month")}
    assert "boss@example.org" not in viewer.get("/reports/").content.decode()
    for each in wanted.values():
        viewer.post(f"/reports/letters/{each.pk}/end/")
    assert ReportSubscription.objects.get().recipient == "boss@example.org"
