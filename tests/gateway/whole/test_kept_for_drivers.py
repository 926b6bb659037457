"""Reservations and local lists with stations that keep them."""

from datetime import timedelta

import pytest

from emobi.core import clock
from sessions.models import IdToken, LocalList
from stations.models import CommandState, Reservation, Variable
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
ACCEPTED, REJECTED = CommandState.ACCEPTED, CommandState.REJECTED


@pytest.fixture
def sim(gateway, simulate, version):
    return simulate(gateway, version)


@pytest.fixture
def station(sim):
    return sim.known.station


@VERSIONS
def test_an_evse_is_kept_until_it_is_given_up_or_its_time_is_over(station, version):
    later = clock.iso(clock.wall() + timedelta(hours=1))
    assert (
        end_of(ask(station, "reserve", {"id_token": "GOOD", "expires_at": later, "evse_id": 1})) == ACCEPTED
    )
    again = ask(station, "reserve", {"id_token": "OTHER", "expires_at": later, "evse_id": 1})
    assert (end_of(again), again.outcome["status"]) == (REJECTED, "Occupied")
    kept = Reservation.objects.get(station=station)
    assert end_of(ask(station, "cancel_reservation", {"reservation_id": kept.reservation_id})) == ACCEPTED
    soon = clock.iso(clock.wall() + timedelta(seconds=3))
    short = {"id_token": "GOOD", "expires_at": soon, "evse_id": 2, "reservation_id": 7}
    assert end_of(ask(station, "reserve", short)) == ACCEPTED
    until(lambda: not Reservation.objects.filter(station=station, ended_at=None).exists())
    reasons = Reservation.objects.filter(station=station).order_by("id").values_list("reason", flat=True)
    assert list(reasons) == ["Cancelled", "Expired"]


@VERSIONS
def test_a_list_goes_in_parts_and_then_by_its_changes(station, version, sim):
    for number in range(5):
        IdToken.objects.create(network=station.network, id_token=f"T{number}")
    Variable.objects.create(
        station=station,
        component="LocalAuthListCtrlr",
        variable="ItemsPerMessage",
        value="2",
        reported_at=clock.wall(),
    )
    whole = ask(station, "send_local_list")
    assert (end_of(whole), whole.outcome["detail"]) == (ACCEPTED, {"version": 3})
    assert sim.station.tokens.listed_count == 5
    IdToken.objects.filter(id_token="T0").delete()
    change = ask(station, "send_local_list", {"update_type": "Differential"})
    assert (end_of(change), change.outcome["detail"]) == (ACCEPTED, {"version": 4})
    assert sim.station.tokens.listed_count == 4
    version_told = ask(station, "get_local_list_version")
    assert (end_of(version_told), version_told.outcome["detail"]["version"]) == (ACCEPTED, 4)
    assert LocalList.objects.get(station=station).in_step
