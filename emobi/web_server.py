"""The web process's server: Daphne, made fit for large files both ways.

Stock Daphne holds whole bodies in memory, those that come and those that go, and cuts off an answer that
takes longer than its time-out: a firmware image on a slow modem does. Here a body that comes is read from the
file that Twisted puts it into, an answer waits for who takes it, and what is too large is refused early.
"""
# mypy: allow-untyped-calls
# (Twisted is annotated only in parts.)

import asyncio
import io
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, override

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server, reactor
from twisted.internet.defer import Deferred

CHUNK = 1 << 16
# Who takes nothing of an answer for so long is cut off.
WRITE_TIMEOUT_S = 120.0
# Who is refused may go on sending for so long: closed at once, a connection is reset, refusal and all.
LINGER_S = 10.0
TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n"
    b"Connection: close\r\n\r\nThe file is too big"
)


class Inbox:
    """What the application receives of one request: its body, piece by piece, then what Daphne says."""

    def __init__(self, body: Any) -> None:  # noqa: ANN401 — a file in memory or on disk, Twisted's choice
        self._body = body
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._more = True

    def put_nowait(self, message: dict[str, Any]) -> None:
        # The body that Daphne has for it is empty: `Request.process` kept it from Daphne.
        if message["type"] != "http.request":
            self._queue.put_nowait(message)

    async def get(self) -> dict[str, Any]:
        if not self._more:
            return await self._queue.get()
        try:
            piece = await self._read()
        except ValueError:  # closed: the client is gone
            self._more = False
            return {"type": "http.disconnect"}
        self._more = len(piece) == CHUNK
        return {"type": "http.request", "body": piece, "more_body": self._more}

    async def _read(self) -> bytes:
        in_memory = isinstance(self._body, io.BytesIO)
        piece: bytes = (
            self._body.read(CHUNK) if in_memory else await asyncio.to_thread(self._body.read, CHUNK)
        )
        return piece


class Request(WebRequest):  # type: ignore[misc]
    """One request and its answer."""

    # Twisted would read forms into memory, for nobody.
    _parsePOSTFormSubmission = False  # noqa: N815 — Twisted's name

    content: Any  # a file in memory or on disk, Twisted's choice

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.body: Any = None
        self._refused = False
        self._writable = asyncio.Event()
        self._writable.set()

    # ── what comes ──

    @override
    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > self.server.max_body_bytes:
            self._refuse()

    @override
    def handleContentChunk(self, data: bytes) -> None:
        if self._refused:
            return
        super().handleContentChunk(data)
        if self.content.tell() > self.server.max_body_bytes:
            self._refuse()

    def _refuse(self) -> None:
        """Answer at once, and read on without listening until the client has seen it."""
        self._refused = True
        self.content.close()
        self.content = io.BytesIO()
        transport = self.channel.transport
        transport.write(TOO_LARGE)
        transport.loseWriteConnection()
        asyncio.get_running_loop().call_later(LINGER_S, transport.abortConnection)

    @override
    def process(self) -> None:
        if self._refused:
            self.channel.loseConnection()
            return
        if not self.requestHeaders.hasHeader(b"Upgrade"):
            self.body, self.content = self.content, io.BytesIO()
            self.body.seek(0)
        super().process()

    @override
    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self._end()

    @override
    def finish(self) -> None:
        if self.producer is not None:
            self.unregisterProducer()
        super().finish()
        self._end()

    def _end(self) -> None:
        self._writable.set()
        if self.body is not None:
            self.body.close()

    # ── what goes ──

    @override
    def handle_reply(self, message: dict[str, Any]) -> None:
        streams = message["type"] == "http.response.body" and message.get("more_body", False)
        if streams and self.producer is None and not self.finished and self.channel is not None:
            self.registerProducer(self, streaming=True)
        super().handle_reply(message)

    async def drained(self) -> None:
        """Wait until the client has taken most of what was sent."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writable.wait()
        except TimeoutError:
            self.cut_off()

    def cut_off(self) -> None:
        """End the connection, whatever was sent and not taken. Applications get it as an extension."""
        if not self.finished and self.channel is not None:
            self.channel.forceAbortClient()

    def pauseProducing(self) -> None:  # noqa: N802 — Twisted's names
        self._writable.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._writable.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._writable.set()

    @override
    def check_timeouts(self) -> None:
        """An answer that is on its way has the time-out of `drained`."""
        if self.producer is None:
            super().check_timeouts()


class Factory(HTTPFactory):  # type: ignore[misc]
    """Connections of clients."""

    @override
    def buildProtocol(self, addr: object) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol


class WebServer(Server):  # type: ignore[misc]
    """Serves an ASGI application to browsers, integrators, and stations that fetch and leave files.

    Args:
        max_body_bytes: More than this of one request is a 413.
        beside: What runs beside the answers for as long as the process does.
        drain: Called before the process stops, to end well what would otherwise be cut off.
        options: Daphne's.
    """

    def __init__(
        self,
        *,
        max_body_bytes: int,
        beside: Callable[[], Coroutine[Any, Any, None]],
        drain: Callable[[], Awaitable[None]],
        **options: object,
    ) -> None:
        # There is no event loop before Twisted's reactor runs.
        super().__init__(ready_callable=lambda: reactor.callLater(0, self._begin), **options)
        self.max_body_bytes = max_body_bytes
        self._beside = beside
        self._drain = drain

    def _begin(self) -> None:
        self._companion = asyncio.ensure_future(self._beside())

    @override
    def kill_all_applications(self) -> Deferred[None]:
        return Deferred.fromFuture(asyncio.ensure_future(self._stop()))

    async def _stop(self) -> None:
        self._companion.cancel()
        await self._drain()
        await super().kill_all_applications().asFuture(asyncio.get_running_loop())

    @property
    def http_factory(self) -> HTTPFactory:
        return self._http_factory

    @http_factory.setter
    def http_factory(self, daphnes: HTTPFactory) -> None:
        """In place of the one that Daphne makes when it runs."""
        self._http_factory = Factory(self)

    @override
    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's, but that a request's body isn't put into memory."""
        if scope["type"] != "http":
            return super().create_application(protocol, scope)
        inbox = Inbox(protocol.body)
        application = self.application(
            scope=scope | {"asgi": {"version": "3.0"}, "extensions": {"emobi.cut_off": protocol.cut_off}},
            receive=inbox.get,
            send=lambda message: self.handle_reply(protocol, message),
        )
        if protocol not in self.connections:
            application.close()
            return None
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return inbox

    @override
    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Request):
            await protocol.drained()
