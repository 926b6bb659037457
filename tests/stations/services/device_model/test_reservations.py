from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from emobi.core import clock
from emobi.core.models import Event
from stations.commands.reservations import CancelReservation, Reserve
from stations.models import Reservation, ReservationEnd
from stations.services.device_model import reservations

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ONE = NOON + timedelta(hours=1)


def reserve(station, number=7, **changes):
    asked = {"id_token": "GOOD", "expires_at": ONE, "evse_id": 1, "reservation_id": number}
    with clock.at(NOON):
        return reservations.create(station, Reserve(**asked | changes))


def told(station):
    events = Event.objects.filter(station=station.identity).order_by("sequence")
    return [(event.type, event.data.get("reason")) for event in events]


def test_what_a_station_keeps_is_told(bravo):
    reserve(bravo, id_token_type="ISO14443", group_id_token="FAMILY", evse_id=None, connector_type="cCCS2")
    (event,) = Event.objects.all()
    assert event.type == "reservation.created"
    assert event.data == {
        "reservation_id": 7,
        "evse_id": None,
        "connector_id": None,
        "id_token": "GOOD",
        "id_token_type": "ISO14443",
        "group_id_token": "FAMILY",
        "connector_type": "cCCS2",
        "expires_at": "2026-05-04T13:00:00.000Z",
        "station_time": None,
        "received_at": "2026-05-04T12:00:00.000Z",
    }


def test_a_reservation_takes_the_place_of_the_one_with_its_number(bravo):
    reserve(bravo)
    reserve(bravo, id_token="OTHER")
    assert Reservation.objects.get(ended_at=None).id_token == "OTHER"
    assert told(bravo) == [
        ("reservation.created", None),
        ("reservation.ended", "Replaced"),
        ("reservation.created", None),
    ]


def test_two_stations_may_use_the_same_number(alpha, bravo):
    reserve(alpha)
    reserve(bravo)
    reservations.cancel(alpha, CancelReservation(reservation_id=7))
    assert Reservation.objects.get(ended_at=None).station == bravo


def test_a_reservation_ends_once_by_whichever_end_comes_first(bravo):
    reserve(bravo)
    with clock.at(ONE):
        assert reservations.expire_due() == 1
        assert reservations.expire_due() == 0
    reservations.update(bravo, 7, ReservationEnd.EXPIRED)
    reservations.use(bravo, 7, "S")
    assert told(bravo) == [("reservation.created", None), ("reservation.ended", "Expired")]


def test_a_reservation_stands_until_its_time(bravo):
    reserve(bravo)
    with clock.at(ONE - timedelta(milliseconds=1)):
        assert reservations.expire_due() == 0
    assert Reservation.objects.get().ended_at is None


def test_a_session_that_uses_it_is_named(bravo):
    reserve(bravo)
    reservations.use(bravo, 7, "01KAN3F6VBA0C8J4V7Q2M5X9RD")
    assert Event.objects.get(type="reservation.ended").data["session_id"] == "01KAN3F6VBA0C8J4V7Q2M5X9RD"
    assert Reservation.objects.get().reason == ReservationEnd.USED


def test_the_end_of_a_reservation_that_nobody_knows_changes_nothing(bravo, stranger):
    reserve(bravo)
    reservations.update(bravo, 8, ReservationEnd.REMOVED)
    reservations.update(stranger, 7, ReservationEnd.REMOVED)
    assert told(bravo) == [("reservation.created", None)]
    assert told(stranger) == []


def test_an_end_has_a_reason(bravo):
    made = reserve(bravo)
    with pytest.raises(IntegrityError, match="reservation_reason_known"):
        Reservation.objects.filter(pk=made.pk).update(ended_at=NOON)
