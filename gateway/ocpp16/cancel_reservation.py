"""CancelReservation (OCPP 1.6, section 5.2): give up a reservation."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.outcome import Outcome
from stations.commands.reservations import CancelReservation


def encode(command: CancelReservation) -> Payload:
    return {"reservationId": command.reservation_id}


def decode(payload: Payload) -> Outcome:
    """Rejected: the station knows no such reservation."""
    return fields.outcome(payload)
