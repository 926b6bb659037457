"""Maintenance is planned by the API, found again, and ended before its time."""

from datetime import timedelta

import pytest

from emobi.core import clock
from emobi.core.models import AuditEntry
from stations.models import MaintenanceWindow, Station
from stations.services.registry import maintenance_windows

PATH = "/maintenance-windows"
WHY = {"reason": " A new <meter>. "}
LATER = {"begins_at": "2099-05-04T22:00:00+02:00", "ends_at": "2099-05-04T22:00:00Z"}


@pytest.fixture
def depot(alpha, bravo) -> None:
    Station.objects.filter(pk=alpha.pk).update(site="Depot")


def found(caller, **query) -> list[str]:
    return [each["window_id"] for each in caller.get(PATH, **query)["items"]]


def in_maintenance() -> list[str]:
    return list(Station.objects.filter(maintenance=True).order_by("pk").values_list("identity", flat=True))


def test_a_window_is_planned_runs_and_is_ended_once(operator, viewer, depot):
    before = clock.now()
    told = operator.post(PATH, {"site": "Depot", "for_s": 7200} | WHY)
    window = MaintenanceWindow.objects.get()
    assert told == {
        "window_id": window.pk,
        "state": "planned",
        "site": "Depot",
        "identities": [],
        "begins_at": told["begins_at"],
        "ends_at": told["ends_at"],
        "reason": "A new <meter>.",
        "stations": 0,
        "author": window.author,
        "created_at": told["created_at"],
    }
    assert before <= window.begins_at <= clock.now()
    assert window.ends_at - window.begins_at == timedelta(hours=2)
    assert window.author.startswith("key:ek_")
    assert viewer.get(f"{PATH}/{window.pk}") == told
    maintenance_windows.sweep()
    running = viewer.get(f"{PATH}/{window.pk}")
    assert (running["state"], running["stations"], in_maintenance()) == ("running", 1, ["alpha"])
    ended = operator.post(f"{PATH}/{window.pk}/end", None, expect=200)
    assert (ended["state"], ended["ends_at"], in_maintenance()) == ("over", told["ends_at"], [])
    operator.post(f"{PATH}/{window.pk}/end", None, expect=409)
    done = AuditEntry.objects.filter(action__startswith="maintenance_window.").order_by("pk")
    assert [(each.action, each.actor) for each in done] == [
        ("maintenance_window.planned", window.author),
        ("maintenance_window.ended", window.author),
    ]


def test_one_that_has_not_begun_is_taken_back(operator, depot):
    told = operator.post(PATH, {"identities": ["ALPHA", "bravo", "alpha"]} | LATER | WHY)
    assert (told["identities"], told["site"]) == (["alpha", "bravo"], None)
    assert (told["begins_at"], told["ends_at"]) == ("2099-05-04T20:00:00.000Z", "2099-05-04T22:00:00.000Z")
    assert operator.post(f"{PATH}/{told['window_id']}/end", None, expect=200)["state"] == "cancelled"
    assert in_maintenance() == []


def test_windows_are_found_by_state_place_and_time(operator, viewer, alpha, depot, monkeypatch):
    monkeypatch.setattr("emobi.api.maintenance_windows.MOST_NAMED", 1)
    now = operator.post(PATH, {"site": "Depot", "for_s": 3600} | WHY)["window_id"]
    later = operator.post(PATH, {"site": "Depot"} | LATER | WHY)["window_id"]
    both = operator.post(PATH, {"identities": ["alpha", "bravo"]} | LATER | WHY)["window_id"]
    maintenance_windows.sweep()
    assert found(viewer) == [both, later, now]
    assert [each["window_id"] for each in viewer.all(PATH, 1)] == [both, later, now]
    assert viewer.get(PATH, limit=1)["items"][0]["identities"] == ["alpha"]
    assert viewer.get(f"{PATH}/{both}")["identities"] == ["alpha", "bravo"]
    assert found(viewer, state="running") == [now]
    assert found(viewer, site="Depot", state="planned") == [later]
    assert found(viewer, from_="2099-05-04T21:59:59Z", to="2099-05-05T00:00:00Z") == [both, later]
    assert found(viewer, from_="2099-05-04T22:00:00Z") == found(viewer, to="2020-01-01T00:00:00Z") == []
    assert found(viewer, to="2099-05-04T20:00:00Z") == [now]
    assert found(viewer, station="Alpha") == [both, later, now]
    assert found(viewer, station="bravo") == [both]
    # What has begun is for those that it found; what is to come for those that are there then.
    Station.objects.filter(pk=alpha.pk).update(site="Elsewhere")
    assert found(viewer, station="alpha") == [both, now]
    viewer.get(PATH, expect=404, station="nowhere")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"for_s": 60}, "site"),
        ({"site": "Depot", "identities": ["alpha"], "for_s": 60}, "site"),
        ({"site": "Nowhere", "for_s": 60}, "site"),
        ({"identities": ["alpha", "stranger"], "for_s": 60}, "identities"),
        ({"identities": [], "for_s": 60}, "identities"),
        ({"site": "Depot"}, "ends_at"),
        ({"site": "Depot", "for_s": 60, "ends_at": "2099-05-04T22:00:00Z"}, "ends_at"),
        ({"site": "Depot", "ends_at": "2020-05-04T22:00:00Z"}, "ends_at"),
        ({"site": "Depot", "ends_at": "9999-12-31T23:59:59-12:00"}, "ends_at"),
        ({"site": "Depot", "begins_at": "2020-05-04T22:00:00Z", "for_s": 60}, "ends_at"),
        ({"site": "Depot", "begins_at": "tonight", "for_s": 60}, "begins_at"),
        ({"site": "Depot", "for_s": 90 * 86400 + 1}, "for_s"),
        ({"site": "Depot", "for_s": 60, "reason": " "}, "reason"),
        ({"site": "Depot", "for_s": 60, "reason": "x" * 301}, "reason"),
        ({"site": "Depot", "for_s": 60, "colour": "red"}, "colour"),
    ],
)
def test_what_cant_be_planned_is_a_422_that_names_the_field(operator, depot, stranger, said, field):
    told = operator.post(PATH, WHY | said, expect=422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not MaintenanceWindow.objects.exists()


def test_a_network_has_so_many_that_are_not_over(operator, depot, monkeypatch):
    monkeypatch.setattr(maintenance_windows, "MOST_OPEN", 1)
    operator.post(PATH, {"site": "Depot", "for_s": 60} | WHY)
    operator.post(PATH, {"site": "Depot", "for_s": 60} | WHY, expect=409)
