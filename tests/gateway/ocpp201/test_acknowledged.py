"""Messages that are only acknowledged: with what is true, and nothing is made up."""

import pytest

from emobi.core.models import Event
from tests.gateway.hearing import hear


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("ReservationStatusUpdate", {"reservationId": 1, "reservationUpdateStatus": "Expired"}, {}),
    ],
)
def test_a_station_is_told_no_more_than_is_done(bravo, action, payload, answer):
    assert hear(bravo, action, payload) == answer
    assert not Event.objects.exists()
