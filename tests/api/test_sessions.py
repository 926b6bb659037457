from decimal import Decimal

import pytest

from emobi.api import paging
from sessions.models import ChargingSession, MeterValue
from sessions.services import charging_sessions
from stations.models import Station
from tests.api.calling import Caller
from tests.sessions.said import (
    after,
    ended,
    meter_16,
    reading,
    start_16,
    started,
    stop_16,
    tell,
    updated,
)


@pytest.fixture
def network(network):
    network.id_tokens.create(id_token="GOOD")
    return network


def charge(station: Station, minutes: float = 0) -> ChargingSession:
    """A session of 1.6, from start to end."""
    session = tell(charging_sessions.start, station, start_16(minutes)).session
    tell(charging_sessions.end, station, stop_16(session.transaction_id, minutes + 60))
    return session


def ids(caller: Caller, **filters) -> list[str]:
    return [session["session_id"] for session in caller.get("/sessions", **filters)["items"]]


def test_a_session_is_told_from_its_start_to_its_end(viewer, alpha):
    session = tell(charging_sessions.start, alpha, start_16()).session
    running = viewer.get(f"/sessions/{session.pk}")
    assert running == {
        "session_id": session.pk,
        "station": "alpha",
        "evse_id": 1,
        "connector_id": 1,
        "transaction_id": session.transaction_id,
        "id_token": "GOOD",
        "id_token_type": None,
        "authorization": "Accepted",
        "state": "active",
        "charging_state": running["charging_state"],
        "suspect": False,
        "suspicions": [],
        "offline": False,
        "started_at": "2026-05-04T12:00:00.000Z",
        "ended_at": None,
        "meter_start_wh": 1000,
        "meter_stop_wh": None,
        "energy_wh": 0,
        "duration_s": None,
        "reason": None,
        "power_w": None,
        "soc_percent": None,
        "cost": None,
        "currency": None,
        "tariff": None,
    }
    tell(charging_sessions.end, alpha, stop_16(session.transaction_id))
    over = viewer.get(f"/sessions/{session.pk}")
    assert (over["state"], over["ended_at"]) == ("ended", "2026-05-04T13:00:00.000Z")
    assert (over["meter_stop_wh"], over["energy_wh"], over["duration_s"]) == (5000, 4000, 3600)
    assert over["reason"] == "Local"


def test_numbers_are_numbers_whole_ones_without_a_point(viewer, alpha):
    session = tell(charging_sessions.start, alpha, start_16(meter_start_wh=Decimal("1000.25"))).session
    answer = viewer.ask("GET", f"/sessions/{session.pk}").content
    assert b'"meter_start_wh": 1000.25' in answer
    assert b'"energy_wh": 0,' in answer


def test_the_newest_session_is_first(viewer, alpha, bravo):
    first = charge(alpha)
    second = tell(charging_sessions.start, bravo, started()).session
    assert ids(viewer) == [second.pk, first.pk]


@pytest.mark.parametrize("limit", [1, 2, 5, 500])
def test_pages_follow_each_other_without_gap_or_repetition(viewer, alpha, limit):
    charged = [charge(alpha, hours * 90).pk for hours in range(5)]
    assert [session["session_id"] for session in viewer.all("/sessions", limit)] == charged[::-1]


def test_each_filter_holds_alone_and_with_others(viewer, network, alpha, bravo):
    network.id_tokens.create(id_token="OTHER", concurrent=True)
    over = charge(alpha)
    running = tell(
        charging_sessions.start, bravo, started(evse_id=2, started_at=after(30), minutes=30)
    ).session
    ChargingSession.objects.filter(pk=running.pk).update(suspect=["meter went back"], id_token="OTHER")
    cases = [
        ({"station": "alpha"}, [over]),
        ({"station": "ALPHA"}, [over]),
        ({"evse_id": 2}, [running]),
        ({"evse_id": 9}, []),
        ({"state": "active"}, [running]),
        ({"state": "ended"}, [over]),
        ({"state": "lost"}, []),
        ({"id_token": "other"}, [running]),
        ({"suspect": "true"}, [running]),
        ({"suspect": "false"}, [over]),
        ({"from_": "2026-05-04T12:30:00Z"}, [running]),
        ({"to": "2026-05-04T14:30:00+02:00"}, [over]),
        ({"from_": "1066-10-14T09:00:00Z", "to": "9999-12-31T23:59:59-14:00"}, [running, over]),
        ({"state": "ended", "station": "bravo"}, []),
    ]
    for filters, expected in cases:
        assert ids(viewer, **filters) == [session.pk for session in expected], filters


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "over"}, "state"),
        ({"evse_id": -1}, "evse_id"),
        ({"evse_id": 10**30}, "evse_id"),
        ({"suspect": "maybe"}, "suspect"),
        ({"from_": "yesterday"}, "from"),
        ({"from_": "2026-05-04T12:00:00"}, "from"),
        ({"to": "2026-13-01T00:00:00Z"}, "to"),
    ],
)
def test_a_query_that_cant_be_is_a_422_that_names_the_field(viewer, query, field):
    assert [each["field"] for each in viewer.get("/sessions", expect=422, **query)["errors"]] == [field]


def test_a_session_or_station_that_isnt_there_is_a_404(viewer):
    viewer.get("/sessions/01JD", expect=404)
    viewer.get("/sessions/01JD/meter-values", expect=404)
    viewer.get("/sessions", expect=404, station="nowhere")


def test_the_same_session_reads_the_same_from_both_versions(viewer, alpha, bravo):
    one = charge(alpha)
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.end, bravo, ended(1))
    both = {session["station"]: session for session in viewer.get("/sessions")["items"]}
    differing = {name for name in both["alpha"] if both["alpha"][name] != both["bravo"][name]}
    said_by_one = {"transaction_id", "charging_state", "reason", "id_token_type"}
    assert differing <= {"session_id", "station"} | said_by_one
    assert both["alpha"]["session_id"] == one.pk


# ── meter values ────────────────────────────────────────────────────────────────────────────────────────


def test_meter_values_come_in_the_order_in_which_they_were_taken(viewer, bravo):
    session = tell(charging_sessions.start, bravo, started()).session
    tell(
        charging_sessions.update,
        bravo,
        updated(2, 20, readings=(reading(20, 2000, power=7000, soc=60, context="Sample.Periodic"),)),
    )
    tell(charging_sessions.update, bravo, updated(1, 10, readings=(reading(10, 1500),)))
    values = viewer.get(f"/sessions/{session.pk}/meter-values")["items"]
    assert [value["energy_wh"] for value in values] == [1000, 1500, 2000]
    last = values[-1]
    assert (last["at"], last["context"]) == ("2026-05-04T12:20:00.000Z", "Sample.Periodic")
    assert (last["power_w"], last["soc_percent"]) == (7000, 60)
    assert last["samples"][0] == {
        "measurand": "Energy.Active.Import.Register",
        "phase": None,
        "context": "Sample.Periodic",
        "location": last["samples"][0]["location"],
        "value": 2000,
        "unit": "Wh",
        "at": "2026-05-04T12:20:00.000Z",
        "signed": None,
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_of_meter_values_follow_each_other_though_times_are_equal(viewer, alpha, limit):
    session = tell(charging_sessions.start, alpha, start_16()).session
    for minutes, wh in [(1, 1100), (1, 1200), (1, 1300), (2, 1400), (2, 1500)]:
        tell(charging_sessions.meter, alpha, meter_16(session.transaction_id, reading(minutes, wh)))
    paged = viewer.all(f"/sessions/{session.pk}/meter-values", limit)
    assert [value["energy_wh"] for value in paged] == [1000, 1100, 1200, 1300, 1400, 1500]


def test_a_reading_outside_the_session_isnt_among_its_values(viewer, alpha):
    session = charge(alpha)
    MeterValue.objects.create(
        station=alpha, session=None, at=after(5), received_at=after(5), energy_wh=7, samples=[]
    )
    values = viewer.get(f"/sessions/{session.pk}/meter-values")["items"]
    assert [value["energy_wh"] for value in values] == [1000, 5000]


@pytest.mark.parametrize("key", ["", "x", "2026-05-04T12:00:00", "0001-01-01T00:00:00+14:00 1", "now 1"])
def test_a_cursor_of_something_else_is_a_422(viewer, alpha, key):
    session = charge(alpha)
    cursor = paging.encode(key)
    viewer.get(f"/sessions/{session.pk}/meter-values", expect=422, cursor=cursor)


def test_the_sessions_of_a_station_are_those_of_the_network_that_are_its_own(viewer, alpha, bravo):
    tell(charging_sessions.start, alpha, start_16())
    tell(charging_sessions.start, alpha, start_16(evse_id=2))
    tell(charging_sessions.start, bravo, start_16())
    assert viewer.get("/stations/ALPHA/sessions") == viewer.get("/sessions", station="alpha")
    (one,) = viewer.get("/stations/alpha/sessions", evse_id=2)["items"]
    assert (one["station"], one["evse_id"]) == ("alpha", 2)
