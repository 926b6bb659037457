"""A session that takes a reservation ends it, whenever its station says so, and once."""

import pytest

from sessions.models import ChargingSession
from sessions.services import charging_sessions
from stations.commands.reservations import Reserve
from stations.models import Reservation
from stations.services.device_model import reservations
from tests.sessions.said import GOOD, NOON, after, ended, start_16, started, tell, told, updated


@pytest.fixture
def reserved(bravo):
    asked = Reserve(id_token="GOOD", expires_at=after(60), reservation_id=7)
    return tell(reservations.create, bravo, asked, received=NOON)


def ends(station):
    return [(data["reason"], data["session_id"]) for _, data in told(station, "reservation.ended")]


def test_the_start_takes_it(bravo, reserved):
    begun = tell(charging_sessions.start, bravo, started(reservation_id=7))
    tell(charging_sessions.start, bravo, started(reservation_id=7))
    assert ends(bravo) == [("Used", begun.session.pk)]


def test_the_token_that_is_shown_later_takes_it(bravo, reserved):
    begun = tell(charging_sessions.start, bravo, started(token=None))
    tell(charging_sessions.update, bravo, updated(1, 1, token=GOOD, reservation_id=7))
    assert ends(bravo) == [("Used", begun.session.pk)]


def test_the_end_takes_it_where_nothing_else_said_so(bravo, reserved):
    begun = tell(charging_sessions.start, bravo, started(token=None))
    for _ in range(2):
        tell(charging_sessions.end, bravo, ended(1, 2, reservation_id=7))
    assert ends(bravo) == [("Used", begun.session.pk)]
    assert ChargingSession.objects.get().reservation_id == 7


def test_every_part_may_name_it_and_it_is_used_once(bravo, reserved):
    begun = tell(charging_sessions.start, bravo, started(reservation_id=7))
    tell(charging_sessions.update, bravo, updated(1, 1, reservation_id=7))
    tell(charging_sessions.end, bravo, ended(2, 2, reservation_id=7))
    assert ends(bravo) == [("Used", begun.session.pk)]


def test_a_session_that_is_known_by_its_end_alone_takes_it(bravo, reserved):
    tell(charging_sessions.end, bravo, ended(3, 2, reservation_id=7))
    assert ends(bravo) == [("Used", ChargingSession.objects.get().pk)]


def test_a_number_of_another_station_is_another_reservation(alpha, bravo, reserved):
    tell(charging_sessions.start, alpha, start_16(reservation_id=7))
    assert ends(alpha) == ends(bravo) == []
    assert Reservation.objects.get().ended_at is None


@pytest.mark.parametrize("number", [0, -1, 10**30])
def test_a_number_that_nobody_gave_is_no_reservation(bravo, reserved, number):
    tell(charging_sessions.start, bravo, started(reservation_id=number))
    assert ends(bravo) == []
