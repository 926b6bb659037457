"""Stations that people ask to have simulated: bounded, told apart, and stopped."""

from datetime import timedelta

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict
from emobi.core.models import Network
from stations.models import Station
from stations.services.registry import registration, simulated
from stations.services.trust import credentials


@pytest.fixture
def network(db):
    return Network.objects.create(slug="grid", name="Grid", security_profile=2)


@pytest.fixture(autouse=True)
def demo(settings):
    settings.EMOBI_DEMO_STATIONS = 1


def ask(network, version="1.6"):
    return simulated.request(network, version, by="user:test")


def test_it_is_registered_with_a_password_that_is_kept_nowhere(network):
    station = ask(network)
    known = simulated.password_of("grid", station.identity)
    assert credentials.matching(station.pk, station.password_hash, known.encode())
    assert (station.profile, station.allowed_versions, station.site) == (1, ["1.6"], "Simulated")
    assert [each.pk for each in simulated.wanted()] == [station.pk]


def test_there_is_none_without_the_demo(network, settings):
    settings.EMOBI_DEMO_STATIONS = 0
    with pytest.raises(Conflict, match="demo is off"):
        ask(network)


def test_there_are_never_too_many(network, monkeypatch):
    monkeypatch.setattr(simulated, "MOST", 2)
    ask(network)
    ask(network, "2.0.1")
    with pytest.raises(Conflict, match="2 simulated stations run already"):
        ask(network)


def test_an_hour_later_and_when_it_is_stopped_it_is_not_wanted_any_more(network):
    old, stopped = ask(network), ask(network)
    Station.objects.filter(pk=old.pk).update(created_at=clock.wall() - timedelta(minutes=61))
    simulated.stop(stopped, by="user:test")
    assert simulated.wanted() == []
    stopped.refresh_from_db()
    assert not simulated.is_wanted(stopped)


def test_a_real_station_that_is_tagged_so_gets_no_double(network):
    registration.register(network, "CP-1", tags=["simulated"])
    assert simulated.wanted() == []
