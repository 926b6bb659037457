"""What limits a station, and what it comes to."""

from datetime import timedelta

import pytest

from emobi.core import clock
from sessions.models import EvNegotiation
from sessions.reports import LimitReport
from sessions.services import external_limits
from stations.commands.charging_profiles import LimitSource
from tests.api.calling import Caller
from tests.sessions.profiles import DEFAULT, MAX, TX, charging, install
from tests.sessions.said import NOON, tell

LIST = "/stations/{}/charging-profiles"


def profile_ids(caller: Caller, identity: str, **filters) -> list[int | None]:
    found = caller.get(LIST.format(identity), **filters)["items"]
    return [item["charging_profile"]["id"] for item in found]


def test_a_profile_is_shown_whole(viewer, bravo):
    install(bravo, 0, MAX, 5, limit=8.1)
    [item] = viewer.get(LIST.format("bravo"))["items"]
    assert item == {
        "evse_id": 0,
        "source": "ours",
        "charging_limit_source": "CSO",
        "grid_critical": None,
        "installed": True,
        "charging_profile": item["charging_profile"],
        "set_at": "2026-05-04T12:00:00.000Z",
        "reported_at": None,
    }
    [schedule] = item["charging_profile"]["charging_schedule"]
    assert schedule["charging_schedule_period"][0]["limit"] == 8.1


def test_external_limits_are_there_too(viewer, bravo):
    report = LimitReport(limit_source=LimitSource.EMS, evse_id=1, grid_critical=True, schedules=())
    tell(external_limits.set_limit, bravo, report)
    [item] = viewer.get(LIST.format("bravo"))["items"]
    assert (item["source"], item["charging_limit_source"], item["grid_critical"]) == ("external", "EMS", True)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, [1, 2, 3]),
        ({"evse_id": 0}, [1]),
        ({"purpose": "TxDefaultProfile"}, [2, 3]),
        ({"source": "external"}, []),
        ({"source": "ours", "evse_id": 2}, [3]),
    ],
)
def test_filters_narrow_the_list(viewer, bravo, filters, ids):
    install(bravo, 0, MAX, 1)
    install(bravo, 1, DEFAULT, 2)
    install(bravo, 2, DEFAULT, 3)
    assert profile_ids(viewer, "bravo", **filters) == ids


def test_pages_follow_each_other(viewer, bravo):
    for number in range(5):
        install(bravo, 1, DEFAULT, number, stack_level=number)
    first = viewer.get(LIST.format("bravo"), limit=3)
    rest = viewer.get(LIST.format("bravo"), cursor=first["next"])
    assert [item["charging_profile"]["id"] for item in (*first["items"], *rest["items"])] == [0, 1, 2, 3, 4]
    assert rest["next"] is None


def test_a_profile_of_a_transaction_that_is_over_is_not_installed(viewer, bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 1, transaction_id=session.transaction_id)
    install(bravo, 1, TX, 2, transaction_id="tx-over")
    installed = [item["installed"] for item in viewer.get(LIST.format("bravo"))["items"]]
    assert installed == [True, False]


def test_the_composite_schedule_is_computed_from_now_on(viewer, bravo):
    now = clock.wall().replace(microsecond=0)
    later = now + timedelta(hours=2)
    install(bravo, 0, MAX, 1, limit=20)
    install(bravo, 1, DEFAULT, 2, limit=10, valid_from=later)
    path = LIST.format("bravo") + "/composite-schedule"
    told = viewer.get(path, evse_id=1, duration_s=7300, unit="A")
    assert (told["evse_id"], told["duration"], told["charging_rate_unit"], told["untold"]) == (
        1,
        7300,
        "A",
        [],
    )
    first, second = told["charging_schedule_period"]
    assert first == {
        "start_period": 0,
        "limit": 20,
        "number_phases": 3,
        "phase_to_use": None,
        "limited_by": "ChargingStationMaxProfile",
    }
    assert (second["limit"], second["limited_by"]) == (10, "TxDefaultProfile")
    assert viewer.get(path)["charging_schedule_period"][0]["limit"] == 20 * 230 * 3


def test_without_a_limit_there_is_none(viewer, alpha):
    told = viewer.get(LIST.format("alpha") + "/composite-schedule")
    assert [period["limit"] for period in told["charging_schedule_period"]] == [None]


@pytest.mark.parametrize(
    "query", [{"evse_id": -1}, {"duration_s": 0}, {"duration_s": 999999999}, {"unit": "kW"}]
)
def test_what_can_not_be_computed_is_refused(viewer, alpha, query):
    path = LIST.format("alpha") + "/composite-schedule"
    assert viewer.ask("GET", path, query=query).status_code == 422


def test_negotiations_are_told(viewer, bravo):
    EvNegotiation.objects.create(
        station=bravo,
        evse_id=1,
        transaction_id="tx-1",
        needs={"energy_wh": 1},
        needs_at=NOON,
        answer="Accepted",
    )
    [item] = viewer.get(LIST.format("bravo") + "/ev-negotiations")["items"]
    assert (item["needs"], item["answer"], item["schedule"]) == ({"energy_wh": 1}, "Accepted", None)


@pytest.mark.parametrize("path", ["", "/composite-schedule", "/ev-negotiations"])
def test_a_station_of_another_network_is_none(viewer, stranger, path):
    assert viewer.ask("GET", LIST.format("stranger") + path).status_code == 404
