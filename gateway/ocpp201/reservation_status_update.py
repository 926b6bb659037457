"""ReservationStatusUpdate (OCPP 2.0.1, use case H04): a reservation has ended without being used.

Acknowledged, and kept in the message log; nothing else is made of it yet.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Acknowledge; the message log keeps it."""
    return {}
