"""`/messages` and `/stations/{identity}/messages`: the log of every OCPP frame."""

from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, exports, paging
from emobi.api.fields import Bound, Time
from emobi.core.models import Network
from stations import message_log, selectors
from stations.message_log import Exchange, Filter
from stations.models import Direction, Frame, Kind, Station

router = Router(tags=["messages"])
of_station = Router(tags=["messages"])

KINDS = {"call": Kind.CALL, "result": Kind.RESULT, "error": Kind.ERROR, "damaged": Kind.DAMAGED}
KIND_NAMES = {int(kind): name for name, kind in KINDS.items()}
DIRECTIONS = {"received": Direction.RECEIVED, "sent": Direction.SENT}
DIRECTION_NAMES = {int(direction): name for name, direction in DIRECTIONS.items()}


class FrameOut(BaseModel):
    """An OCPP frame, its secrets masked."""

    id: str
    at: Time
    station: str | None = Field(description="null: it was deleted.")
    direction: Literal["received", "sent"] = Field(description="Seen from the gateway.")
    kind: Literal["call", "result", "error", "damaged"]
    message_id: str | None = Field(description="null: the frame is too damaged to have one.")
    action: str | None = Field(description="Of a CALL, and of what answers it.")
    error_code: str | None
    note: str | None = Field(description="Why it was ignored, or how it deviates from OCPP.")
    frame: str


class MessageOut(FrameOut):
    """A frame with its pair: of a CALL its answer, of an answer its CALL."""

    pair: FrameOut | None = Field(description="null: not answered (yet), or not kept any more.")
    round_trip_ms: float | None = Field(description="From the CALL to its answer.")


class MessageRow(FrameOut):
    """The same in a table."""

    pair_id: str | None
    round_trip_ms: float | None


class MessageQuery(BaseModel):
    """Filters; all that are given have to fit."""

    action: str | None = Field(None, max_length=64)
    direction: Literal["received", "sent"] | None = None
    kind: Literal["call", "result", "error", "damaged"] | None = None
    error_code: str | None = Field(None, max_length=64)
    from_: Bound | None = Field(None, alias="from", description="Received or sent then or later.")
    to: Bound | None = Field(None, description="Received or sent before then.")
    q: str | None = Field(
        None, max_length=200, description="Text in the frame. A page may be short and have a next."
    )

    def filter(self, network: Network, station_id: int | None) -> Filter:
        """The same for the log."""
        return Filter(
            network_id=network.pk,
            station_id=station_id,
            action=self.action,
            direction=DIRECTIONS[self.direction] if self.direction else None,
            kind=KINDS[self.kind] if self.kind else None,
            error_code=self.error_code,
            since=self.from_,
            until=self.to,
            text=self.q,
        )


@router.get(
    "",
    response=paging.Page[MessageOut],
    summary="OCPP messages of the network, the newest first",
    openapi_extra=exports.DESCRIBED,
)
def list_messages(
    request: HttpRequest,
    filters: Query[MessageQuery],
    station: Annotated[str | None, Query(max_length=255, description="Identity of a station.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """Both directions; kept for `EMOBI_MESSAGE_RETENTION_DAYS`."""
    network = auth.network_of(request)
    station_id = None if station is None else selectors.station(network, station).pk
    return _told(request, filters.filter(network, station_id), cursor, limit, format)


@of_station.get(
    "/{segment:identity}/messages",
    response=paging.Page[MessageOut],
    summary="OCPP messages of a station, the newest first",
    openapi_extra=exports.DESCRIBED,
)
def list_station_messages(
    request: HttpRequest,
    identity: str,
    filters: Query[MessageQuery],
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """The same for one station."""
    network = auth.network_of(request)
    return _told(
        request, filters.filter(network, selectors.station(network, identity).pk), cursor, limit, format
    )


def _told(
    request: HttpRequest, wanted: Filter, cursor: str | None, limit: int, format: str
) -> dict[str, Any] | StreamingHttpResponse:
    """A page, or from there on everything as a file."""
    read = partial(_page, wanted)
    return exports.told(request, format, MessageOut, read, cursor, limit, "messages", row=MessageRow)


def _page(wanted: Filter, cursor: str | None, limit: int) -> dict[str, Any]:
    page = message_log.page(wanted, before=paging.decode_number(cursor), limit=limit)
    return {
        "items": [_message(exchange) for exchange in page.items],
        "next": None if page.next is None else paging.encode(page.next),
    }


def _message(exchange: Exchange) -> dict[str, Any]:
    frame, pair = exchange.frame, exchange.pair
    identity = _identity(frame)
    answer = frame if frame.kind != Kind.CALL else pair
    return {
        **_frame(frame, identity),
        "pair": _frame(pair, identity) if pair else None,
        "pair_id": str(pair.pk) if pair else None,
        "round_trip_ms": answer.round_trip_ms if answer else None,
    }


def _identity(frame: Frame) -> str | None:
    """Of its station. Frames outlive stations."""
    try:
        return frame.station.identity
    except Station.DoesNotExist:
        return None


def _frame(frame: Frame, identity: str | None) -> dict[str, Any]:
    return {
        "id": str(frame.pk),
        "at": frame.at,
        "station": identity,
        "direction": DIRECTION_NAMES[frame.direction],
        "kind": KIND_NAMES[frame.kind],
        "message_id": frame.message_id or None,
        "action": frame.action or None,
        "error_code": frame.error_code or None,
        "note": frame.note or None,
        "frame": frame.text,
    }
