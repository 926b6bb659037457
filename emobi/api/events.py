"""`/events`: every event of the network, in the order of their commits."""

import re
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema

from emobi.api import auth, paging
from emobi.core import cloudevents
from emobi.core.errors import Invalid
from emobi.core.models import Event

router = Router(tags=["events"])

LONGEST_SEQUENCE = 2**63 - 1


class Envelope(Schema):
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


@router.get("", response=paging.Page[Envelope], summary="Events after a sequence number")
def list_events(
    request: HttpRequest,
    after: Annotated[
        int,
        Query(
            ge=0,
            le=LONGEST_SEQUENCE,
            description="`sequence` of your last event; 0: from the start.",
        ),
    ] = 0,
    type: Annotated[
        str,
        Query(
            max_length=500,
            description="Types without `emobi.`, comma-separated; `session.*` takes all of a noun.",
        ),
    ] = "",
    station: Annotated[str, Query(max_length=255, description="Identity of a station.")] = "",
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """The oldest first. Whoever asks for what comes after the last `sequence` it has never misses one."""
    network = auth.network_of(request)
    start = paging.decode_number(cursor)
    found = Event.objects.filter(network=network, sequence__gt=after if start is None else start)
    if station:
        found = found.filter(station=station)
    if type:
        found = found.filter(of_types(type))
    page = list(found.order_by("sequence")[: limit + 1])
    more = len(page) > limit
    items = [cloudevents.envelope(event, network.slug) for event in page[:limit]]
    return {"items": items, "next": paging.encode(page[limit - 1].sequence) if more else None}


def of_types(text: str) -> Q:
    """The condition for a comma-separated list of types with wildcards.

    Raises:
        Invalid: If one isn't a type or ``noun.*``.
    """
    wanted = Q()
    for part in text.split(","):
        name = part.strip().removeprefix(cloudevents.PREFIX)
        if not re.fullmatch(r"[a-z_]+\.(\*|[a-z_]+)|\*", name):
            raise Invalid(f"{part.strip()[:64]!r} is neither a type nor a wildcard like session.*", "type")
        if name == "*":
            return Q()
        wanted |= Q(type__startswith=name[:-1]) if name.endswith("*") else Q(type=name)
    return wanted
