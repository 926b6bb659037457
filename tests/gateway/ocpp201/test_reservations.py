"""ReserveNow and CancelReservation in 2.0.1."""

from datetime import UTC, datetime

import pytest

from stations.commands.reservations import CancelReservation, Reserve
from stations.commands.tokens import AdditionalInfo
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

EXPIRES = datetime(2099, 1, 1, 12, 30, tzinfo=UTC)
ANY_EVSE = Reserve(id_token="GOOD", expires_at=EXPIRES, reservation_id=7)


def test_any_evse_is_kept_for_a_token():
    assert asked("2.0.1", "reserve", ANY_EVSE) == (
        "ReserveNow",
        {
            "id": 7,
            "expiryDateTime": "2099-01-01T12:30:00.000Z",
            "idToken": {"idToken": "GOOD", "type": "Central"},
        },
    )


def test_every_field_is_said():
    command = Reserve(
        id_token="GOOD",
        id_token_type="ISO14443",
        additional_info=(AdditionalInfo(additional_id_token="4711", type="card"),),
        expires_at=EXPIRES,
        reservation_id=7,
        evse_id=2,
        connector_type="cCCS2",
        group_id_token="FAMILY",
        group_id_token_type="Local",
    )
    assert asked("2.0.1", "reserve", command)[1] == {
        "id": 7,
        "expiryDateTime": "2099-01-01T12:30:00.000Z",
        "idToken": {
            "idToken": "GOOD",
            "type": "ISO14443",
            "additionalInfo": [{"additionalIdToken": "4711", "type": "card"}],
        },
        "evseId": 2,
        "connectorType": "cCCS2",
        "groupIdToken": {"idToken": "FAMILY", "type": "Local"},
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("Faulted", CommandState.REJECTED),
        ("Occupied", CommandState.REJECTED),
        ("Rejected", CommandState.REJECTED),
        ("Unavailable", CommandState.REJECTED),
    ],
)
def test_the_station_keeps_it_or_says_why_not(status, state):
    outcome = answered("2.0.1", "reserve", ANY_EVSE, {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", CommandState.ACCEPTED), ("Rejected", CommandState.REJECTED)]
)
def test_a_reservation_is_given_up(status, state):
    command = CancelReservation(reservation_id=7)
    assert asked("2.0.1", "cancel_reservation", command) == ("CancelReservation", {"reservationId": 7})
    assert answered("2.0.1", "cancel_reservation", command, {"status": status}).state == state
