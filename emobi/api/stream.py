"""`/events/stream`: every event of the network as it happens, as Server-Sent Events.

A stream occupies no thread while it waits. Its client takes what it is given as fast as it likes: one that
falls behind is read to from the table, and one that takes nothing for long is cut off by the web server. Each
event's `id` is its sequence number, and whoever comes back with the last one misses none.
"""

import asyncio
import contextvars
import logging
import time
from collections.abc import AsyncGenerator, Callable
from typing import Annotated

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseFailed
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Header, Query, Router

from emobi.api import auth, event_tails
from emobi.api.event_tails import Tail, Tails, Wanted
from emobi.api.events import LARGEST_SEQUENCE, OfStation, Types
from emobi.core import cloudevents, selectors
from emobi.core.models import ApiKey, Role
from emobi.core.services import api_keys

log = logging.getLogger(__name__)
router = Router(tags=["events"])

CONTENT_TYPE = "text/event-stream"
# A client is spoken to at least this often, and its key looked at; one that was revoked ends its stream.
COMMENT_EVERY_S = 15.0
# So long it may take to end well. Who doesn't read what it is told isn't waited for.
LAST_WORDS_S = 2.0
# After which browsers come back by themselves.
RETRY_MS = 1000
# While the database is away.
AGAIN_S = 1.0

After = Annotated[int | None, Query(ge=0, le=LARGEST_SEQUENCE, description="`sequence` of your last event.")]
LastEventId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=LARGEST_SEQUENCE,
        description="The same, as browsers send it when they come back; it goes before `after`.",
    ),
]


@router.get(
    "/stream",
    summary="Events as they happen (Server-Sent Events)",
    openapi_extra={"responses": {200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}}},
)
async def stream_events(
    request: HttpRequest,
    last_event_id: LastEventId = None,
    after: After = None,
    type: Types = "*",
    station: OfStation = None,
) -> StreamingHttpResponse:
    """`id` is the sequence, `event` the type without `emobi.`, `data` the envelope. It goes on where you were
    with `Last-Event-ID` or `after`, else it begins now. Every 15 s there is a comment.
    """
    key = auth.demand(request, Role.VIEWER)
    wanted = Wanted(types=None if type == "*" else cloudevents.types(type), station=station)
    begin = after if last_event_id is None else last_event_id
    if begin is None:
        begin = await sync_to_async(selectors.last_sequence)(key.network)
    # Without our web server there is nobody who cuts off.
    extensions = getattr(request, "scope", {}).get("extensions") or {}
    cut_off = extensions.get("emobi.cut_off", _nothing)
    answer = StreamingHttpResponse(told(key, wanted, begin, cut_off), content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    # Proxies that gather an answer before they pass it on would hold events back.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _nothing() -> None:
    pass


async def told(
    key: ApiKey, wanted: Wanted, after: int, cut_off: Callable[[], None] = _nothing
) -> AsyncGenerator[bytes]:
    """What goes over the wire to a client that has everything up to ``after``; it ends with the key.

    ``cut_off`` ends the client's connection, whatever waits to be taken.
    """
    tails = event_tails.here()
    with tails.of(key.network) as tail:
        ended = asyncio.Event()
        # A task of its own: what is yielded may wait long for a client to take it.
        watch = asyncio.create_task(_watch(key, tails, tail, ended, cut_off), context=contextvars.Context())
        try:
            yield b"retry: %d\n\n" % RETRY_MS
            comment_at = time.monotonic() + COMMENT_EVERY_S
            while not tails.closing and not ended.is_set():
                if time.monotonic() >= comment_at:
                    comment_at = time.monotonic() + COMMENT_EVERY_S
                    yield b":\n\n"
                try:
                    reached, frames = await tail.after(after, wanted)
                except DatabaseFailed as exc:
                    log.warning("a client of %s waits for events: %s", key.network.slug, exc)
                    await tail.news(AGAIN_S)
                    continue
                if frames and not ended.is_set():
                    yield frames
                elif reached == after:
                    await tail.news(comment_at - time.monotonic())
                after = reached
        finally:
            watch.cancel()


async def _watch(
    key: ApiKey, tails: Tails, tail: Tail, ended: asyncio.Event, cut_off: Callable[[], None]
) -> None:
    """Look at a key now and then, and end its stream with it: well, if its client listens, else at once."""
    try:
        holds = True
        while holds:
            await asyncio.sleep(COMMENT_EVERY_S)
            holds = await _holds(key, tails)
    except Exception:
        log.exception("a stream of %s ends: its key can't be looked at", key.network.slug)
    ended.set()
    tail.wake()
    await asyncio.sleep(LAST_WORDS_S)
    cut_off()


async def _holds(key: ApiKey, tails: Tails) -> bool:
    """Whether a key is still in force, as far as anybody can tell."""
    try:
        return await tails.backlog(lambda: api_keys.holds(key))
    except DatabaseFailed:
        return True
