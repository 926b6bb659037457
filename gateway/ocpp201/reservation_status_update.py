"""ReservationStatusUpdate (OCPP 2.0.1, use case H04): a reservation has ended without being used."""

from gateway.adapter import Payload
from stations.models import ReservationEnd, Station
from stations.services.device_model import reservations


def parse(payload: Payload) -> tuple[int, ReservationEnd]:
    """The reservation's number, and its end."""
    return payload["reservationId"], ReservationEnd(payload["reservationUpdateStatus"])


def handle(station: Station, payload: Payload) -> Payload:
    """Note the end of the reservation, and tell of it, once."""
    reservation_id, end = parse(payload)
    reservations.update(station, reservation_id, end)
    return {}
