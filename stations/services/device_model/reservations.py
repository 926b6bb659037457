"""Reservations: made by a station's word, ended once, by whichever end comes first.

1.6 has no message that ends a reservation but its use, so that its expiry is ours to see; 2.0.1 tells it, and
then it is known already. Idempotent throughout: a second end changes nothing.

Sources: OCPP 2.0.1 part 2, use cases H01 to H04; 1.6 sections 4.8, 5.2 and 5.13.
"""

from emobi.core import clock, events, unit_of_work
from stations.commands.reservations import CancelReservation, Reserve
from stations.models import Reservation, ReservationEnd, Station

# One look takes so many; the next follows in some seconds.
AT_ONCE = 500


def create(station: Station, asked: Reserve) -> Reservation:
    """Note what the station has agreed to keep; one of the same number is replaced (H01.FR.02)."""
    assert asked.reservation_id is not None
    with unit_of_work.begin():
        _end_open(station, asked.reservation_id, ReservationEnd.REPLACED)
        made = Reservation.objects.create(
            station=station,
            reservation_id=asked.reservation_id,
            evse_id=asked.evse_id or None,
            connector_type=asked.connector_type or "",
            id_token=asked.id_token,
            id_token_type=asked.id_token_type or "",
            group_id_token=asked.group_id_token or "",
            expires_at=asked.expires_at,
            created_at=clock.now(),
        )
        told = events.ReservationCreated(
            received_at=clock.now(),
            evse_id=made.evse_id,
            reservation_id=made.reservation_id,
            id_token=made.id_token,
            id_token_type=made.id_token_type or None,
            group_id_token=made.group_id_token or None,
            connector_type=made.connector_type or None,
            expires_at=made.expires_at,
        )
        events.record(station.subject, told)
    return made


def cancel(station: Station, asked: CancelReservation) -> None:
    """The station has given up the reservation because we asked it to."""
    _end_open(station, asked.reservation_id, ReservationEnd.CANCELLED)


def update(station: Station, reservation_id: int, end: ReservationEnd) -> None:
    """The station says how a reservation has ended; of one that we don't know there is nothing to tell."""
    _end_open(station, reservation_id, end)


def use(station: Station, reservation_id: int, session_id: str) -> None:
    """A charging session has taken the reservation."""
    _end_open(station, reservation_id, ReservationEnd.USED, session_id)


def expire_due() -> int:
    """End what is past its time; return how many."""
    with unit_of_work.begin():
        due = (
            Reservation.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station")
            .filter(ended_at=None, expires_at__lte=clock.now())
            .order_by("expires_at")[:AT_ONCE]
        )
        for reservation in due:
            _end(reservation, reservation.station, ReservationEnd.EXPIRED)
        return len(due)


def _end_open(station: Station, reservation_id: int, end: ReservationEnd, session_id: str = "") -> None:
    with unit_of_work.begin():
        reservation = (
            Reservation.objects.select_for_update()
            .filter(station=station, reservation_id=reservation_id, ended_at=None)
            .first()
        )
        if reservation is not None:
            _end(reservation, station, end, session_id)


def _end(reservation: Reservation, station: Station, end: ReservationEnd, session_id: str = "") -> None:
    reservation.ended_at, reservation.reason, reservation.session = clock.now(), end, session_id
    reservation.save(update_fields=["ended_at", "reason", "session"])
    told = events.ReservationEnded(
        received_at=clock.now(),
        evse_id=reservation.evse_id,
        reservation_id=reservation.reservation_id,
        id_token=reservation.id_token,
        reason=end.value,
        session_id=session_id or None,
    )
    events.record(station.subject, told)
