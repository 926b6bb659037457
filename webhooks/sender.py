"""One POST to one endpoint: what goes out, and what came back. No database here."""

import asyncio
import logging
import os
import re
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

from emobi.core import clock, cloudevents, signatures
from webhooks import targets
from webhooks.names import Resolver

log = logging.getLogger(__name__)

# For all of it, from the connection to the last byte that we look at.
TIMEOUT_S = 15.0
KEPT_BYTES = 4 << 10
KEPT_HEADERS = 30
KEPT_ALIVE_S = 30.0
# Header values may be any bytes: those that aren't UTF-8 come as lone surrogates, which neither JSON nor
# PostgreSQL takes, as it takes no NUL.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent, and where to."""

    url: str
    keys: Sequence[str]
    id: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it. ``status`` is None where there was no answer; ``error`` says why."""

    at: datetime
    duration_ms: int
    status: int | None = None
    error: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def ok(self) -> bool:
        """Only 2xx is; a redirect isn't."""
        return self.status is not None and 200 <= self.status < 300


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Kept-alive connections to receivers; each address is judged when it is connected to."""
    async with (
        Resolver() as resolver,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=KEPT_ALIVE_S,
                resolver=resolver,
                socket_factory=targets.vetted_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            headers={"User-Agent": "Emobi", "Content-Type": cloudevents.CONTENT_TYPE},
        ) as through,
    ):
        yield through


def request_headers(message: Message, at: datetime) -> dict[str, str]:
    """The headers that differ from attempt to attempt."""
    return signatures.headers(message.keys, message.id, int(at.timestamp()), message.body)


async def send(through: aiohttp.ClientSession, message: Message) -> Result:
    """POST a message, once. Whatever goes wrong is a result."""
    at, begun = clock.wall(), time.monotonic()
    answer: aiohttp.ClientResponse | None = None
    error = ""
    head = b""
    try:
        headers = request_headers(message, at)
        async with through.post(
            message.url, data=message.body, headers=headers, allow_redirects=False
        ) as answer:
            head = await _head(answer)
    except TimeoutError:
        error = f"no answer within {TIMEOUT_S:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as fault:
        error = _said(fault)
    except Exception as fault:
        # Nothing else is expected; others of the station mustn't wait for ever for what we didn't expect.
        log.exception("webhook %s not sent", message.id)
        error = type(fault).__name__
    return Result(
        at=at,
        duration_ms=round((time.monotonic() - begun) * 1000),
        status=answer.status if answer is not None and not error else None,
        error=_writable(error)[:200],
        headers={} if answer is None else _kept(answer),
        body=_writable(head.decode(errors="replace")),
    )


async def _head(answer: aiohttp.ClientResponse) -> bytes:
    """The first bytes of an answer. One that is longer costs it its connection, and us nothing."""
    head = b""
    while len(head) <= KEPT_BYTES and (piece := await answer.content.read(KEPT_BYTES + 1 - len(head))):
        head += piece
    if len(head) > KEPT_BYTES:
        answer.close()
    return head[:KEPT_BYTES]


def _kept(answer: aiohttp.ClientResponse) -> dict[str, str]:
    shown = list(answer.headers.items())[:KEPT_HEADERS]
    return {_writable(name).lower()[:100]: _writable(value)[:500] for name, value in shown}


def _writable(text: str) -> str:
    """What others said, fit for a row."""
    return _UNWRITABLE.sub("�", text)


def _said(fault: Exception) -> str:
    """Why there is no answer, without the URL and our own names of things."""
    cause = fault.os_error if isinstance(fault, aiohttp.ClientConnectorError) else fault
    match cause:
        case targets.Forbidden():
            return str(cause)
        case ssl.SSLError():
            return f"TLS: {cause.reason or cause}"
        case OSError() if cause.errno and cause.errno > 0:
            return os.strerror(cause.errno)
        case OSError() if cause.strerror:
            return cause.strerror
    return type(cause).__name__


async def send_alone(message: Message) -> Result:
    """POST a message over a connection of its own."""
    async with session() as through:
        return await send(through, message)


def send_and_wait(message: Message) -> Result:
    """The same for callers without an event loop. Blocks, up to TIMEOUT_S."""
    return asyncio.run(send_alone(message))
