"""Lists that leave as files: each is in the audit log, and ends with its taker's right to read it."""

import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.http import HttpRequest, StreamingHttpResponse

from dashboard import figures
from dashboard.addresses import client_address
from emobi.core import unit_of_work
from emobi.core.models import Network
from emobi.core.services import audit

log = logging.getLogger(__name__)

CONTENT_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}

# As often, while a file is written, its taker's right to it is looked at.
LOOK_EVERY_S = 15.0

# Of a path, and of a query: how the file is written, and not what of the list is in it.
_OF_PATH, _OF_QUERY = frozenset({"kind"}), frozenset({"format", "limit"})
# An id token that a search names. Whoever reads all of one can charge with it.
_TOKEN = re.compile(r'(?<=\btoken:)("[^"]*"|\S+)', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Who takes a list along.

    Attributes:
        network: Whose list it is.
        actor: As in the audit log.
        holds: Whether they may still read it: asked now and then, in a thread.
    """

    network: Network
    actor: str
    holds: Callable[[], bool]


def answer(
    request: HttpRequest,
    taker: Taker,
    kind: str,
    chunks: AsyncGenerator[str],
    *name: str,
    filters: Mapping[str, object] | None = None,
) -> StreamingHttpResponse:
    """A list as a file, once it is in the audit log that it is taken.

    Args:
        request: Who asks for it.
        taker: The same, as the audit log has them.
        kind: ndjson or csv.
        chunks: The file, piece by piece.
        name: Of the file, in parts: the list, then what it is narrowed to.
        filters: What it is narrowed to; None: what the request's address says.
    """
    told = _told(request) if filters is None else filters
    with unit_of_work.begin():
        audit.record(
            taker.network.pk,
            taker.actor,
            "list.exported",
            name[0],
            {"format": kind, "filters": told},
            client_address(request),
        )
    # Without our web server there is nobody who cuts off.
    extensions = getattr(request, "scope", {}).get("extensions") or {}
    cut_off = extensions.get("emobi.cut_off", _nothing)
    file = StreamingHttpResponse(guarded(chunks, taker, cut_off), content_type=CONTENT_TYPES[kind])
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(name)).strip("-")[:120]
    file.headers["Content-Disposition"] = f'attachment; filename="{safe}.{kind}"'
    return file


async def guarded(
    chunks: AsyncGenerator[str],
    taker: Taker,
    cut_off: Callable[[], None],
    now: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[str]:
    """``chunks`` for as long as whoever takes them may; then their client is cut off.

    It isn't ended well: a file that ends too early must not look like a whole one.

    Args:
        chunks: The file.
        taker: Whom it is for.
        cut_off: Ends the client's connection, whatever waits to be taken.
        now: A clock that never goes back, in seconds.

    Raises:
        RequestAborted: When they may no longer.
    """
    looked_at = now()
    async with aclosing(chunks):
        async for chunk in chunks:
            if now() - looked_at >= LOOK_EVERY_S:
                if not await sync_to_async(taker.holds)():
                    log.warning("a file for %s is broken off: they may no longer read it", taker.actor)
                    cut_off()
                    raise RequestAborted
                looked_at = now()
            yield chunk


def _nothing() -> None:
    pass


def _told(request: HttpRequest) -> dict[str, str]:
    """What of the list the request wants, by its path and its query."""
    path = request.resolver_match.kwargs if request.resolver_match else {}
    said = {name: str(value) for name, value in path.items() if name not in _OF_PATH}
    said |= {name: value for name, value in request.GET.dict().items() if value and name not in _OF_QUERY}
    return {
        name: figures.masked(value) if name == "id_token" else _TOKEN.sub(_masked, value)
        for name, value in said.items()
    }


def _masked(found: re.Match[str]) -> str:
    return figures.masked(found[0].strip('"'))
