"""`/stations/{identity}/reservations`: what a station keeps for whom."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Time
from stations import selectors
from stations.models import Reservation

of_station = Router(tags=["stations"])

State = Literal["active", "ended"]


class ReservationOut(BaseModel):
    """An EVSE, or any of the station's, kept for a token or its group."""

    reservation_id: int
    state: State
    evse_id: int | None = Field(description="null: any.")
    connector_type: str | None
    id_token: str
    id_token_type: str | None
    group_id_token: str | None
    created_at: Time
    expires_at: Time
    ended_at: Time | None
    reason: str | None = Field(description="Used, Expired, Cancelled, Replaced or Removed.")
    session_id: str | None = Field(description="Of the session that used it.")


def shown(reservation: Reservation) -> dict[str, Any]:
    """A reservation as the API shows it."""
    return {
        "reservation_id": reservation.reservation_id,
        "state": "active" if reservation.ended_at is None else "ended",
        "evse_id": reservation.evse_id,
        "connector_type": reservation.connector_type or None,
        "id_token": reservation.id_token,
        "id_token_type": reservation.id_token_type or None,
        "group_id_token": reservation.group_id_token or None,
        "created_at": reservation.created_at,
        "expires_at": reservation.expires_at,
        "ended_at": reservation.ended_at,
        "reason": reservation.reason or None,
        "session_id": reservation.session or None,
    }


@of_station.get(
    "/{segment:identity}/reservations",
    response=paging.Page[ReservationOut],
    summary="A station's reservations, the newest first",
)
def list_reservations(
    request: HttpRequest,
    identity: str,
    state: Annotated[State | None, Query(description="active: what the station keeps now.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Made with the command `reserve`, given up with `cancel_reservation`."""
    station = selectors.station(auth.network_of(request), identity)
    found = selectors.reservations(
        station,
        active=None if state is None else state == "active",
        before=paging.decode_number(cursor),
    )
    return paging.page(found, limit, key=lambda reservation: reservation.pk, shown=shown)
