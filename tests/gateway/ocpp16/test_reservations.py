"""ReserveNow and CancelReservation in 1.6."""

import dataclasses
from datetime import UTC, datetime

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import reserve_now
from stations.commands.reservations import CancelReservation, Reserve
from stations.commands.tokens import AdditionalInfo
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

EXPIRES = datetime(2099, 1, 1, 12, 30, tzinfo=UTC)
ANY_EVSE = Reserve(id_token="GOOD", expires_at=EXPIRES, reservation_id=7)


def test_any_connector_is_kept_for_a_token():
    assert asked("1.6", "reserve", ANY_EVSE) == (
        "ReserveNow",
        {
            "connectorId": 0,
            "expiryDate": "2099-01-01T12:30:00.000Z",
            "idTag": "GOOD",
            "reservationId": 7,
        },
    )


def test_a_connector_is_kept_for_a_group():
    command = dataclasses.replace(ANY_EVSE, evse_id=2, group_id_token="FAMILY", id_token_type="ISO14443")
    _, payload = asked("1.6", "reserve", command)
    assert (payload["connectorId"], payload["parentIdTag"]) == (2, "FAMILY")


@pytest.mark.parametrize(
    ("unsaid", "reason"),
    [
        ({"connector_type": "cCCS2"}, "type of connector"),
        ({"additional_info": (AdditionalInfo(additional_id_token="4711", type="card"),)}, "text alone"),
        ({"id_token": "x" * 21}, "20 characters"),
        ({"group_id_token": "x" * 21}, "20 characters"),
    ],
)
def test_what_this_version_can_not_say_is_refused_with_the_reason(unsaid, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        reserve_now.encode(dataclasses.replace(ANY_EVSE, **unsaid))


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
    outcome = answered("1.6", "reserve", ANY_EVSE, {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", CommandState.ACCEPTED), ("Rejected", CommandState.REJECTED)]
)
def test_a_reservation_is_given_up(status, state):
    command = CancelReservation(reservation_id=7)
    assert asked("1.6", "cancel_reservation", command) == ("CancelReservation", {"reservationId": 7})
    assert answered("1.6", "cancel_reservation", command, {"status": status}).state == state
