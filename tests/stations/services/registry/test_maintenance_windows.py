"""Planned maintenance begins and ends by itself, and ends nothing that it didn't begin."""

from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import AuditEntry
from stations.models import MaintenanceWindow, Station
from stations.services.registry import maintenance_windows, registration

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def fleet(network):
    for identity, site in (("alpha", "Depot"), ("bravo", "Depot"), ("charlie", "")):
        Station.objects.create(network=network, identity=identity, site=site)
    with clock.at(NOON):
        yield network


def planned(network, begin=1, end=2, **whom):
    whom = whom or {"site": "Depot"}
    times = {"begins_at": NOON + begin * HOUR, "ends_at": NOON + end * HOUR}
    return maintenance_windows.plan(network, **times, reason="A new meter.", by="user:ada", **whom)


def kept(after):
    """Who is in maintenance so many hours later."""
    with clock.at(NOON + after * HOUR):
        maintenance_windows.sweep()
        maintenance_windows.sweep()
    return sorted(Station.objects.filter(maintenance=True).values_list("identity", flat=True))


def test_a_sites_window_begins_and_ends_by_itself(fleet):
    window = planned(fleet)
    assert kept(0.9) == []
    Station.objects.create(network=fleet, identity="delta", site="Depot")
    assert kept(1) == ["alpha", "bravo", "delta"]
    assert kept(1.9) == ["alpha", "bravo", "delta"]
    assert kept(2) == []
    window.refresh_from_db()
    assert window.state == "over"
    switches = AuditEntry.objects.filter(action="station.changed", target="alpha").order_by("pk")
    assert [each.detail["maintenance"]["to"] for each in switches] == [True, False]
    assert {each.actor for each in switches} == {"system:maintenance"}


def test_it_ends_only_what_it_began(fleet):
    alpha = Station.objects.get(identity="alpha")
    registration.change(alpha, {"maintenance": True}, by="user:ada")
    planned(fleet)
    assert kept(1) == ["alpha", "bravo"]
    assert kept(2) == ["alpha"]


def test_what_another_window_covers_goes_on(fleet):
    planned(fleet, 1, 3)
    planned(fleet, 2, 4, identities=["BRAVO", "charlie"])
    assert kept(2) == ["alpha", "bravo", "charlie"]
    assert kept(3) == ["bravo", "charlie"]
    assert kept(4) == []


def test_one_that_was_slept_through_switches_nothing(fleet):
    planned(fleet)
    assert kept(5) == []
    assert MaintenanceWindow.objects.get().state == "over"
    assert not AuditEntry.objects.filter(action="station.changed").exists()


def test_one_is_taken_back_or_ended_early(fleet):
    later, sooner = planned(fleet, 5, 6), planned(fleet, identities=["charlie"])
    assert kept(1) == ["charlie"]
    assert maintenance_windows.end(later, by="user:ada")
    assert maintenance_windows.end(sooner, by="user:ada")
    assert not maintenance_windows.end(sooner, by="user:ada")
    assert (later.state, sooner.state) == ("cancelled", "over")
    assert kept(5) == []


def test_who_is_interrupted_goes_on_where_it_was(fleet, monkeypatch):
    """Rows are locked for a portion's time, not for a depot's: each is committed by itself."""
    monkeypatch.setattr(maintenance_windows, "PORTION", 2)
    for identity in ("delta", "echo", "foxtrot"):
        Station.objects.create(network=fleet, identity=identity, site="Depot")
    everybody = ["alpha", "bravo", "delta", "echo", "foxtrot"]
    broken, change = [True], registration.change

    def changed(station, changes, **by):
        if station.identity == "echo" and broken[0]:
            raise RuntimeError("killed here")
        change(station, changes, **by)

    monkeypatch.setattr(registration, "change", changed)
    window = planned(fleet)
    assert kept(1) == ["alpha", "bravo"]
    window.refresh_from_db()
    assert (window.state, len(window.covers), len(window.switched)) == ("planned", 2, 2)
    broken[0] = False
    assert kept(1.1) == everybody
    broken[0] = True
    assert kept(2) == ["delta", "echo", "foxtrot"]
    window.refresh_from_db()
    assert (window.state, len(window.switched)) == ("over", 3)
    broken[0] = False
    assert kept(2.1) == []
    switches = AuditEntry.objects.filter(action="station.changed").values_list("target", flat=True)
    assert sorted(switches) == sorted(everybody * 2)


def test_one_that_has_begun_with_some_of_its_stations_is_ended_not_taken_back(fleet):
    window = planned(fleet)
    alpha = Station.objects.get(identity="alpha")
    registration.change(alpha, {"maintenance": True}, by=maintenance_windows.ACTOR)
    MaintenanceWindow.objects.update(covers=[alpha.pk], switched=[alpha.pk])
    assert maintenance_windows.end(window, by="user:ada")
    assert (window.state, kept(1)) == ("over", [])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"site": "Nowhere"}, "site"),
        ({"site": "Depot", "identities": ["alpha"]}, "site"),
        ({"identities": ["nobody"]}, "identities"),
        ({"site": "Depot", "end": 1}, "ends_at"),
        ({"site": "Depot", "begin": -2, "end": -1}, "ends_at"),
        ({"site": "Depot", "end": 24 * 91}, "ends_at"),
    ],
)
def test_what_cannot_be_planned_is_refused(fleet, said, field):
    with pytest.raises(Invalid) as refused:
        planned(fleet, **said)
    assert refused.value.field == field
    assert not MaintenanceWindow.objects.exists()
