"""`/stations/{identity}/display-messages`: what a station's display has to show."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Time
from sessions import selectors as sessions
from stations import selectors
from stations.models import DisplayMessage

of_station = Router(tags=["stations"])


class DisplayOut(BaseModel):
    """Which display, where a station has several."""

    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None


class DisplayMessageOut(BaseModel):
    """A message, as last set or reported."""

    message_id: int
    priority: str = Field(description="AlwaysFront, InFront or NormalCycle.")
    state: str | None = Field(description="Charging, Faulted, Idle or Unavailable; null: in every state.")
    format: str
    language: str | None
    content: str
    start_at: Time | None
    end_at: Time | None
    transaction_id: str | None = Field(description="Shown for as long as it runs.")
    display: DisplayOut | None
    reported_at: Time


def shown(message: DisplayMessage) -> dict[str, Any]:
    """A message as the API shows it."""
    return {
        "message_id": message.message_id,
        "priority": message.priority,
        "state": message.state or None,
        "format": message.format,
        "language": message.language or None,
        "content": message.content,
        "start_at": message.start_at,
        "end_at": message.end_at,
        "transaction_id": message.transaction_id or None,
        "display": message.display,
        "reported_at": message.reported_at,
    }


@of_station.get(
    "/{segment:identity}/display-messages",
    response=paging.Page[DisplayMessageOut],
    summary="What a station's display has to show, in the order in which it was set",
)
def list_display_messages(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """OCPP 2.0.1 only. A message whose time or transaction has ended is gone: its station removes it."""
    station = selectors.station(auth.network_of(request), identity)
    found = sessions.display_messages(station, after=paging.decode_number(cursor))
    return paging.page(found, limit, key=lambda message: message.pk, shown=shown)
