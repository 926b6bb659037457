"""Sessions added up, and uptime month by month."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from emobi.api import paging
from emobi.core import clock, events, unit_of_work
from sessions.reports import Token
from sessions.services import charging_sessions
from stations.models import Connector, Station
from stations.services.ledger import outages
from stations.services.registry import registration
from tests.sessions.said import meter_16, reading, start_16, stop_16, tell

MAY = datetime(2026, 5, 1, tzinfo=UTC)
DAY = 24 * 3600
# The clock stands in the middle of June.
NOW = datetime(2026, 6, 16, tzinfo=UTC)


NOTHING_ELSE: dict[str, object] = {
    "evse_id": None,
    "evses": [],
    "proven": {"sessions": 0, "failed_starts": 0, "refused": 0, "zero_energy": 0, "success_percent": None},
    "complete_to": "2026-06-16T00:00:00.000Z",
    "intervals": [],
}


@pytest.fixture(autouse=True)
def june():
    with clock.at(NOW):
        yield


@pytest.fixture(autouse=True)
def registered(request):
    """Long before."""
    if "alpha" in request.fixturenames:
        request.getfixturevalue("alpha")
        Station.objects.update(created_at=MAY - timedelta(days=365))


def day(number: float) -> datetime:
    """A moment of May, in days after its begin."""
    return MAY + timedelta(days=number)


def online(station: Station, at: float) -> None:
    with clock.at(day(at)), unit_of_work.begin():
        events.record(station.subject, events.StationOnline(offline_s=None))


def offline(station: Station, at: float, *, heard: float | None = None) -> None:
    heard_at = None if heard is None else day(heard)
    with clock.at(day(at)), unit_of_work.begin():
        events.record(station.subject, events.StationOffline(reason="no answer", last_heard_at=heard_at))


def said(
    station: Station, at: float, status: str, *, evse_id: int | None = 1, connector_id: int | None = 1
) -> None:
    with clock.at(day(at)), unit_of_work.begin():
        events.record(
            station.subject,
            events.ConnectorStatusChanged(
                received_at=day(at),
                evse_id=evse_id,
                connector_id=connector_id,
                status=status,
                detail=None,
                previous=None,
                error_code=None,
                vendor_error_code=None,
                info=None,
            ),
        )


def written() -> None:
    """The worker has written the ledger."""
    outages.advance_all()


def maintain(station: Station, at: float, *, on: bool) -> None:
    with clock.at(day(at)):
        registration.change(station, {"maintenance": on}, by="user:alice")


def months(viewer):
    written()
    told = viewer.get("/stations/alpha/uptime", months=2)["items"]
    return {month["month"]: month for month in told}


def may(viewer):
    return months(viewer)["2026-05"]


# ── uptime ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_station_that_was_there_all_the_time_has_all_its_budget(viewer, alpha):
    online(alpha, -5)
    assert months(viewer) == {
        "2026-06": {
            "station": "alpha",
            "month": "2026-06",
            "period_s": 15 * DAY,
            "outage_s": 0,
            "excluded_s": 0,
            "outages": 0,
            "uptime_percent": 100,
            "target_percent": 97,
            "budget_left_s": round(0.03 * 30 * DAY),
            **NOTHING_ELSE,
        },
        "2026-05": {
            "station": "alpha",
            "month": "2026-05",
            "period_s": 31 * DAY,
            "outage_s": 0,
            "excluded_s": 0,
            "outages": 0,
            "uptime_percent": 100,
            "target_percent": 97,
            "budget_left_s": round(0.03 * 31 * DAY),
            **NOTHING_ELSE,
        },
    }


def test_an_outage_lasts_from_the_last_word_to_the_return(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 3.1, heard=3)
    online(alpha, 4)
    offline(alpha, 10)
    online(alpha, 10.5)
    found = may(viewer)
    assert (found["outages"], found["outage_s"]) == (2, 1.5 * DAY)
    assert found["uptime_percent"] == round(100 * (1 - 1.5 / 31), 4)
    assert found["budget_left_s"] == round((0.03 * 31 - 1.5) * DAY)
    assert found["budget_left_s"] < 0


def test_an_outage_over_the_end_of_a_month_is_parted(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 30)
    online(alpha, 33)
    told = months(viewer)
    assert [told[month]["outage_s"] for month in ("2026-05", "2026-06")] == [1 * DAY, 2 * DAY]


def test_an_outage_that_is_found_out_in_the_next_month_counts_in_the_one_it_began(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 31.01, heard=30.75)
    told = months(viewer)
    assert [told[month]["outage_s"] for month in ("2026-05", "2026-06")] == [0.25 * DAY, 15 * DAY]


def test_who_was_away_before_is_away_until_it_is_back(viewer, alpha):
    offline(alpha, -5)
    online(alpha, 2)
    assert may(viewer)["outage_s"] == 2 * DAY


def test_a_month_begins_when_the_station_was_first_there(viewer, alpha):
    online(alpha, 21)
    offline(alpha, 26)
    online(alpha, 27)
    found = may(viewer)
    assert (found["period_s"], found["outage_s"], found["uptime_percent"]) == (10 * DAY, DAY, 90)


def test_a_station_that_was_never_there_has_no_uptime(viewer, alpha):
    found = may(viewer)
    assert (found["period_s"], found["uptime_percent"], found["budget_left_s"]) == (0, None, 0)


@pytest.mark.parametrize(
    ("changes", "excluded"),
    [
        ([(2, True), (20, False)], 2),
        ([(11, True)], 1),
        ([(2, True), (11, False)], 1),
        ([(10.5, True), (11, False), (11.25, True), (11.5, False)], 0.75),
        ([(2, True), (3, False), (20, True)], 0),
    ],
)
def test_what_of_an_outage_is_maintenance_doesnt_count(viewer, alpha, changes, excluded):
    online(alpha, -5)
    for at, on in changes:
        maintain(alpha, at, on=on)
    offline(alpha, 10)
    online(alpha, 12)
    found = may(viewer)
    assert (found["outage_s"], found["excluded_s"]) == (2 * DAY, excluded * DAY)
    assert found["uptime_percent"] == round(100 * (1 - (2 - excluded) / 31), 4)


@pytest.mark.parametrize(("ended", "excluded"), [(None, 2), (11, 1), (9, 0)])
def test_maintenance_that_a_station_was_registered_with_doesnt_count(viewer, network, ended, excluded):
    alpha, _ = registration.register(network, "alpha", maintenance=True)
    Station.objects.update(created_at=day(-6))
    online(alpha, -5)
    if ended:
        maintain(alpha, ended, on=False)
    offline(alpha, 10)
    online(alpha, 12)
    found = may(viewer)
    assert (found["outage_s"], found["excluded_s"]) == (2 * DAY, excluded * DAY)


def test_what_a_namesake_did_before_doesnt_count(viewer, alpha):
    offline(alpha, -5)
    Station.objects.update(created_at=day(1))
    online(alpha, 1)
    assert may(viewer)["outage_s"] == 0


def test_a_network_has_all_its_stations_in_a_report(viewer, alpha, bravo, stranger):
    online(alpha, 0)
    online(bravo, 0)
    Station.objects.update(created_at=day(-1))
    offline(bravo, 30)
    written()
    told = viewer.all("/reports/uptime", 1, month="2026-05")
    assert [(each["station"], each["outage_s"]) for each in told] == [("alpha", 0), ("bravo", DAY)]
    this_month = viewer.get("/reports/uptime")["items"]
    assert [each["uptime_percent"] for each in this_month] == [100, 0]


@pytest.mark.parametrize("month", ["2026-13", "2026-5", "1999-01", "2026-05-01", "x"])
def test_a_month_that_isnt_one_is_a_422(viewer, month):
    told = viewer.get("/reports/uptime", expect=422, month=month)
    assert [error["field"] for error in told["errors"]] == ["month"]


def evse(viewer, evse_id=1):
    return {each["evse_id"]: each for each in may(viewer)["evses"]}[evse_id]


def test_an_evse_is_out_of_service_with_its_station_and_by_itself_and_overlaps_count_once(viewer, alpha):
    online(alpha, -5)
    for evse_id in (1, 2):
        said(alpha, -5, "Available", evse_id=evse_id)
    said(alpha, 10, "Faulted", evse_id=2)
    offline(alpha, 11)
    online(alpha, 13)
    said(alpha, 14, "Available", evse_id=2)
    assert may(viewer)["outage_s"] == 2 * DAY
    assert (evse(viewer, 1)["outage_s"], evse(viewer, 1)["outages"]) == (2 * DAY, 1)
    assert (evse(viewer, 2)["outage_s"], evse(viewer, 2)["outages"]) == (4 * DAY, 1)
    told = viewer.get("/reports/uptime", month="2026-05", by="evse")["items"]
    assert [(each["evse_id"], each["outage_s"]) for each in told] == [(1, 2 * DAY), (2, 4 * DAY)]


def test_an_outage_stands_with_its_evidence(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 11.5, heard=11)
    online(alpha, 13)
    (found,) = may(viewer)["intervals"]
    assert (found["cause"], found["evse_id"], found["duration_s"]) == ("offline", None, 2 * DAY)
    assert (found["began_at"], found["detail"]) == ("2026-05-12T00:00:00.000Z", "no answer")
    evidence = found["evidence"]
    (began,) = viewer.get("/events", after=int(evidence["began_sequence"]) - 1, limit=1)["items"]
    assert (began["id"], began["type"]) == (evidence["began_event"], "emobi.station.offline")
    assert viewer.all("/stations/alpha/outages", 1, from_="2026-05-01T00:00:00Z") == [found]
    assert viewer.all("/reports/outages", 1, from_="2026-05-01T00:00:00Z") == [found]
    assert viewer.get("/reports/outages", from_="2026-05-01T00:00:00Z", cause="faulted")["items"] == []


def test_several_months_and_a_table(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 30)
    written()
    told = viewer.get("/reports/uptime", from_="2026-04", to="2026-06")["items"]
    assert [(each["month"], each["outage_s"]) for each in told] == [
        ("2026-06", 15 * DAY),
        ("2026-05", DAY),
        ("2026-04", 0),
    ]
    table = viewer.ask("GET", "/reports/uptime", query={"month": "2026-05", "format": "csv"})
    assert table["Content-Type"].startswith("text/csv")
    wrong = viewer.get("/reports/uptime", expect=422, from_="2026-06", to="2026-04")
    assert [error["field"] for error in wrong["errors"]] == ["from"]


def test_what_an_admin_excludes_doesnt_count_until_it_is_withdrawn(viewer, admin, operator, alpha):
    online(alpha, -5)
    said(alpha, -5, "Available")
    offline(alpha, 10)
    online(alpha, 12)
    span = {"from": "2026-05-11T12:00:00Z", "to": "2026-05-12T00:00:00Z", "reason": "The grid was down."}
    path = "/stations/alpha/outage-exclusions"
    operator.post(path, span, expect=403)
    made = admin.post(path, span)
    assert (made["reason"], made["evse_id"]) == (span["reason"], None)
    assert made["from"] == "2026-05-11T12:00:00.000Z"
    assert made["author"].startswith("key:")
    assert (may(viewer)["excluded_s"], evse(viewer)["excluded_s"]) == (DAY / 2, DAY / 2)
    again = admin.post(path, {**span, "evse_id": 1, "from": "2026-05-11T00:00:00Z"})
    assert (may(viewer)["excluded_s"], evse(viewer)["excluded_s"]) == (DAY / 2, DAY)
    withdraw = f"{path}/{again['exclusion_id']}/withdraw"
    admin.post(withdraw, {"reason": " "}, expect=422)
    withdrawn = admin.post(withdraw, {"reason": "A typo."}, expect=200)
    assert (withdrawn["withdrawn_reason"], evse(viewer)["excluded_s"]) == ("A typo.", DAY / 2)
    admin.post(withdraw, {"reason": "Again."}, expect=409)
    assert viewer.all(path, 1) == [withdrawn, made]
    admin.post(path, {**span, "to": span["from"]}, expect=422)


def test_a_ledger_that_has_to_be_written_yet_says_so(viewer, alpha):
    online(alpha, -5)
    offline(alpha, 10)
    written()
    online(alpha, 12)
    (told,) = viewer.get("/reports/uptime", month="2026-05")["items"]
    assert (told["complete_to"], told["outage_s"]) == ("2026-05-13T00:00:00.000Z", 2 * DAY)


def test_a_station_is_told_how_well_it_does(viewer, alpha):
    with clock.at(NOW):
        assert viewer.get("/stations/alpha/health") == {"score": None, "reasons": []}
        online(alpha, 20)
        offline(alpha, 31)
        online(alpha, 37)
        written()
        found = viewer.get("/stations/alpha/health")
        assert found["score"] == 60
        (reason,) = found["reasons"]
        assert (reason["points"], reason["evidence"]) == (40, "outages")


def test_what_a_station_says_stands_beside_what_drivers_found(viewer, network, alpha, bravo):
    tell(charging_sessions.start, bravo, start_16(0, token=Token(id_token="WRONG")))
    told = viewer.all("/reports/uptime", 1, month="2026-05")
    assert told[1]["proven"] == {
        "sessions": 1,
        "failed_starts": 1,
        "refused": 1,
        "zero_energy": 0,
        "success_percent": 0,
    }


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────


def test_sessions_are_added_up_by_station(viewer, network, alpha, bravo):
    network.id_tokens.create(id_token="GOOD")
    for minutes in (0, 120):
        session = tell(charging_sessions.start, alpha, start_16(minutes)).session
        tell(charging_sessions.end, alpha, stop_16(session.transaction_id, minutes + 60))
    nothing = tell(charging_sessions.start, alpha, start_16(240)).session
    tell(charging_sessions.end, alpha, stop_16(nothing.transaction_id, 241, meter_stop_wh=Decimal(1000)))
    tell(charging_sessions.start, alpha, start_16(300))
    tell(charging_sessions.start, bravo, start_16(0, token=Token(id_token="WRONG")))
    listed = viewer.get("/sessions", station="alpha")["items"]
    told = viewer.all("/reports/sessions", 1, from_="2026-05-04T12:00:00Z", to="2026-05-05T00:00:00Z")
    assert [each["station"] for each in told] == ["alpha", "bravo"]
    assert told[0] == {
        "station": "alpha",
        "sessions": 4,
        "active": 1,
        "ended": 3,
        "lost": 0,
        "energy_wh": sum(session["energy_wh"] or 0 for session in listed),
        "duration_s": sum(session["duration_s"] or 0 for session in listed),
        "failed_starts": 1,
        "refused": 0,
        "zero_energy": 1,
        "suspect": 0,
        "reasons": {session["reason"]: 3 for session in listed if session["reason"]},
    }
    assert (told[1]["sessions"], told[1]["failed_starts"]) == (1, 1)


def test_a_session_of_another_time_isnt_in_the_report(viewer, alpha):
    tell(charging_sessions.start, alpha, start_16(0))
    for query in ({"to": "2026-05-04T12:00:00Z", "from_": "2026-05-01T00:00:00Z"}, {}):
        assert viewer.get("/reports/sessions", **query)["items"][0]["sessions"] == 0


def test_a_report_is_of_one_time_on_all_its_pages(viewer, alpha, bravo):
    def begin(station: Station, at: datetime) -> None:
        tell(charging_sessions.start, station, start_16(started_at=at), received=at)

    for station in (alpha, bravo):
        begin(station, NOW - timedelta(hours=1))
    with clock.at(NOW + timedelta(microseconds=1)):
        first = viewer.get("/reports/sessions", limit=1)
    begin(bravo, NOW + timedelta(minutes=30))
    with clock.at(NOW + timedelta(hours=1)):
        second = viewer.get("/reports/sessions", limit=1, cursor=first["next"])
        anew = viewer.get("/reports/sessions")
    assert [page["items"][0]["sessions"] for page in (first, second)] == [1, 1]
    assert [each["sessions"] for each in anew["items"]] == [1, 2]


def test_a_report_ends_after_it_begins(viewer, alpha):
    for query in (
        {"from_": "2026-05-02T00:00:00Z", "to": "2026-05-01T00:00:00Z"},
        {"from_": "2026-06-17T00:00:00Z"},
    ):
        assert viewer.get("/reports/outages", expect=422, **query)["errors"][0]["field"] == "from"
        wrong = viewer.get("/reports/sessions", expect=422, **query)
        assert [error["field"] for error in wrong["errors"]] == ["from"]
    assert viewer.get("/reports/sessions", from_="2026-05-01T00:00:00Z", to="2026-05-01T00:00:00Z")["items"]


@pytest.mark.parametrize("key", ["alpha", "now alpha", "2026-05-01T00:00:00 alpha", "2026-05-01T00:00:00Z"])
def test_a_cursor_of_another_list_is_none_of_a_report_of_sessions(viewer, alpha, key):
    wrong = viewer.get("/reports/sessions", expect=422, cursor=paging.encode(key))
    assert [error["field"] for error in wrong["errors"]] == ["cursor"]


def test_use_is_told_by_weekday_and_hour(viewer, alpha):
    # A Monday.
    monday = datetime(2026, 5, 4, 10, tzinfo=UTC)
    Connector.objects.create(
        station=alpha, evse_id=1, connector_id=1, status="Available", changed_at=MAY, reported_at=MAY
    )
    running = tell(charging_sessions.start, alpha, start_16(), received=monday).session.transaction_id
    for minute, wh in ((30, 11_000), (60, 11_001)):
        report = meter_16(running, reading(minute, wh))
        tell(charging_sessions.meter, alpha, report, received=monday + timedelta(minutes=minute))
    end = stop_16(running, meter_stop_wh=Decimal(11_001))
    tell(charging_sessions.end, alpha, end, received=monday + timedelta(hours=1))
    asked = {"from_": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z", "zone": "Asia/Kolkata"}
    found = viewer.get("/reports/use", **asked)
    assert (found["period_s"], found["occupied_s"], found["charging_s"]) == (31 * DAY, 3600, 1800)
    assert (found["untold_s"], found["peak_w"], len(found["hours"])) == (0, 10_001, 168)
    used = {(each["weekday"], each["hour"]): each for each in found["hours"] if each["occupied_s"]}
    # Half past three in the afternoon.
    assert {place: (each["occupied_s"], each["charging_s"]) for place, each in used.items()} == {
        (1, 15): (1800, 1800), (1, 16): (1800, 0),
    }  # fmt: skip
    assert viewer.get("/reports/use", station="alpha", **asked) == found
    viewer.get("/reports/use", expect=404, station="stranger")
    viewer.get("/reports/use", expect=422, zone="Mars")
    viewer.get("/reports/use", expect=422, from_="2025-01-01T00:00:00Z")
