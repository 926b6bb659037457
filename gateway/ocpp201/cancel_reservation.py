"""CancelReservation (OCPP 2.0.1, use case H02): give up a reservation."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.outcome import Outcome
from stations.commands.reservations import CancelReservation


def encode(command: CancelReservation) -> Payload:
    return {"reservationId": command.reservation_id}


def decode(payload: Payload) -> Outcome:
    """Rejected: the station knows no such reservation (H02.FR.01)."""
    return fields.outcome(payload)
