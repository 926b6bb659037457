"""`/events`: every event of the network, in the order of their commits."""

from typing import Annotated, Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from emobi.api import auth, exports, paging
from emobi.core import cloudevents, selectors

router = Router(tags=["events"])

LARGEST_SEQUENCE = 2**63 - 1

Types = Annotated[
    str,
    Query(
        max_length=1000,
        description="Types, with or without `emobi.`, comma-separated; `session.*` takes all of a noun.",
    ),
]
OfStation = Annotated[
    str | None, Query(max_length=255, description="Identity of a station, as its events spell it.")
]


class Envelope(BaseModel):
    """A CloudEvent (1.0, structured JSON)."""

    specversion: str
    id: str
    type: str
    source: str
    subject: str | None
    time: str
    datacontenttype: str
    network: str
    station: str | None
    ocppversion: str | None
    sequence: str
    data: dict[str, Any]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "specversion": "1.0",
                    "id": "01KAN3F6V8Q2W4E6R8T0Y2V4B6",
                    "type": "emobi.station.offline",
                    "source": "/networks/demo/stations/CP001",
                    "subject": "CP001",
                    "time": "2026-11-22T07:00:00.123Z",
                    "datacontenttype": "application/json",
                    "network": "demo",
                    "station": "CP001",
                    "ocppversion": "1.6",
                    "sequence": "4711",
                    "data": {"reason": "no answer", "last_heard_at": "2026-11-22T06:59:00.000Z"},
                }
            ]
        }
    )


@router.get(
    "",
    response=paging.Page[Envelope],
    summary="Events after a sequence number",
    openapi_extra=exports.DESCRIBED,
)
def list_events(
    request: HttpRequest,
    after: Annotated[
        int,
        Query(ge=0, le=LARGEST_SEQUENCE, description="`sequence` of your last event; 0: from the start."),
    ] = 0,
    type: Types = "*",
    station: OfStation = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """The oldest first. Whoever asks for what comes after the last `sequence` it has never misses one."""
    network = auth.network_of(request)
    types = None if type == "*" else cloudevents.types(type)

    def page(cursor: str | None, limit: int) -> dict[str, Any]:
        begin = paging.decode_number(cursor)
        found = selectors.events(
            network, after=after if begin is None else begin, types=types, station=station
        )
        return paging.page(
            found,
            limit,
            key=lambda event: event.sequence,
            shown=lambda event: cloudevents.envelope(event, network.slug),
        )

    return exports.told(request, format, Envelope, page, cursor, limit, "events")
