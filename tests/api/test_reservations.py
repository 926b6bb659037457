from datetime import UTC, datetime

from stations.commands.reservations import Reserve
from stations.models import ReservationEnd
from stations.services.device_model import reservations

NEW_YEAR = datetime(2099, 1, 1, tzinfo=UTC)


def reserve(station, number, **changes):
    asked = {"id_token": "GOOD", "expires_at": NEW_YEAR, "reservation_id": number}
    return reservations.create(station, Reserve(**asked | changes))


def test_a_station_lists_what_it_keeps(viewer, bravo):
    reserve(bravo, 7, evse_id=1, id_token_type="ISO14443", group_id_token="FAMILY")
    (item,) = viewer.get("/stations/bravo/reservations")["items"]
    assert item | {"created_at": None} == {
        "reservation_id": 7,
        "state": "active",
        "evse_id": 1,
        "connector_type": None,
        "id_token": "GOOD",
        "id_token_type": "ISO14443",
        "group_id_token": "FAMILY",
        "created_at": None,
        "expires_at": "2099-01-01T00:00:00.000Z",
        "ended_at": None,
        "reason": None,
        "session_id": None,
    }


def test_what_has_ended_can_be_left_out(viewer, bravo):
    reserve(bravo, 7)
    reserve(bravo, 8)
    reservations.update(bravo, 7, ReservationEnd.REMOVED)

    def numbers(**query):
        return [
            each["reservation_id"] for each in viewer.get("/stations/bravo/reservations", **query)["items"]
        ]

    assert (numbers(), numbers(state="active"), numbers(state="ended")) == ([8, 7], [8], [7])


def test_they_come_in_pages(viewer, bravo):
    for number in range(5):
        reserve(bravo, number)
    items = viewer.all("/stations/bravo/reservations", limit=2)
    assert [each["reservation_id"] for each in items] == [4, 3, 2, 1, 0]


def test_another_networks_station_has_none(viewer, stranger):
    reserve(stranger, 7)
    viewer.get("/stations/stranger/reservations", expect=404)
