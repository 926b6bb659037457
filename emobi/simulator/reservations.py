"""Reservations.

Source: OCPP 1.6 section 5.13; OCPP 2.0.1 part 2, H01 to H04.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emobi.simulator import statuses
from emobi.simulator.evse import Evse, Reservation
from emobi.simulator.tokens import IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def reserve(station: "Station", reservation: Reservation, candidates: Sequence[Evse]) -> str:
    """Keep one of the candidates for the token; returns the answer's status.

    A reservation with the same id is replaced.
    """
    cancel(station, reservation.reservation_id)
    free = [evse for evse in candidates if _refusal(station, evse) is None]
    if not free:
        return _refusal(station, candidates[0]) or "Rejected"
    free[0].reservation = reservation
    station.spawn(_expire(station, free[0], reservation))
    return "Accepted"


def cancel(station: "Station", reservation_id: int) -> Evse | None:
    """Free the EVSE that the reservation held, and return it; None if there is no such reservation."""
    for evse in station.evses:
        if evse.reservation is not None and evse.reservation.reservation_id == reservation_id:
            evse.reservation = None
            return evse
    return None


def matches(station: "Station", reservation: Reservation, token: IdToken) -> bool:
    """Whether the reservation is for the token or its group."""
    if reservation.token.key == token.key:
        return True
    known = station.tokens.find(token, station.now())
    return reservation.group is not None and known is not None and known.group == reservation.group


def consume(station: "Station", evse: Evse, token: IdToken) -> int | None:
    """Use up the reservation that a start fulfils, and return its id."""
    reservation = evse.reservation
    if reservation is None or not matches(station, reservation, token):
        return None
    evse.reservation = None
    return reservation.reservation_id


async def drop(station: "Station", evse: Evse, status: str) -> None:
    """End a reservation from the station's side: "Removed" or "Expired" (H01.FR.16, H04.FR.01)."""
    if (reservation := evse.reservation) is None:
        return
    evse.reservation = None
    report = station.dialect.reservation_ended(reservation.reservation_id, status)
    if report is not None:
        await station.tell(report)


async def _expire(station: "Station", evse: Evse, reservation: Reservation) -> None:
    await station.wait_until(reservation.expires_at)
    if evse.reservation is reservation:
        await drop(station, evse, "Expired")
        await statuses.report(station, evse.evse_id)


def _refusal(station: "Station", evse: Evse) -> str | None:
    if evse.fault is not None:
        return "Faulted"
    if evse.session is not None or evse.ev is not None or evse.awaited is not None:
        return "Occupied"
    if not station.is_operative(evse) or evse.resetting:
        return "Unavailable"
    return "Occupied" if evse.reservation is not None else None
