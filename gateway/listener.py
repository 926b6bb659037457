"""The WebSocket server for charging stations: Daphne, on several ports, with a contract of its own.

Stock Daphne serves browsers: it refuses with 403 alone, ends sockets with a TCP reset, buffers without bounds
and knows no compression. What is overridden, and why, is said at each override; the contract is in its tests.
Which events an application gets and may send is said in `gateway.station_socket`.
"""
# mypy: allow-untyped-calls
# (Twisted is annotated only in parts.)

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, override

from gateway.reactor import LOOP, REACTOR  # isort: skip - first, see there

import uvloop
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)
from twisted.protocols.tls import TLSMemoryBIOFactory

from gateway import compression
from gateway.endpoint import Endpoint, bind
from gateway.http_channel import OnRefused, UpgradeFactory
from gateway.inbox import Event, Inbox
from gateway.station_socket import SERVICE_RESTART, StationSocket

__all__ = ["Application", "Endpoint", "Event", "Listener", "Receive", "Send", "bind"]

logger = logging.getLogger(__name__)

type Receive = Callable[[], Awaitable[Event]]
type Send = Callable[[Event], Awaitable[None]]
type Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

BACKLOG = 2048  # a fleet that lost its gateway comes back within seconds


class Listener(Server):  # type: ignore[misc]
    """Serves one ASGI application on several endpoints, in one process, until SIGTERM or SIGINT.

    SIGHUP reads the certificates of all endpoints again; open sockets keep theirs.

    Args:
        application: ASGI 3, for the scope type "websocket" alone.
        endpoints: Bound sockets, which the listener takes over.
        drain: Awaited after a signal to stop, while whoever connects is told 503 and all sockets are still
            open: the place to close them at one's own pace. Those that it leaves are closed with 1012.
        on_start: Awaited once all endpoints listen. If it raises, the listener stops, and `run` raises that.
        on_refused: Told whom the listener itself refused: the peer's address, the status that it was told
            (0: TLS failed, 408: cut off at ``header_timeout_s``; neither was told anything), and why.
        header_timeout_s: From TCP accept to the end of the request's head, TLS handshake included.
        decision_timeout_s: What an application may take to accept or refuse, 1 s more or less; then it's 503.
        close_timeout_s: What a station is given to answer a close frame, and to take our last bytes.
        write_timeout_s: A station that takes nothing of what waits for it for this long is cut off.
        max_message_bytes: Of a message both ways, all fragments together and inflated. More is 1009.
        ping_interval_s: Between pings; 0 for none. The application may change it for one socket.
        ping_timeout_s: A station that sends nothing for this long after a ping is taken for lost.
        deflate: Meet offers of permessage-deflate.
    """

    def __init__(
        self,
        application: Application,
        endpoints: Sequence[Endpoint],
        *,
        drain: Callable[[], Awaitable[None]] | None = None,
        on_start: Callable[[], Awaitable[None]] | None = None,
        on_refused: OnRefused | None = None,
        header_timeout_s: float = 10,
        decision_timeout_s: float = 30,
        close_timeout_s: float = 2,
        write_timeout_s: float = 30,
        max_message_bytes: int = 1 << 20,
        ping_interval_s: float = 20,
        ping_timeout_s: float = 20,
        deflate: bool = True,
    ) -> None:
        super().__init__(
            application,
            endpoints=list(endpoints),
            ping_interval=ping_interval_s,
            ping_timeout=ping_timeout_s,
            websocket_max_message_size=max_message_bytes,
            server_name="emobi",
        )
        self.drain, self.on_start = drain, on_start
        self.on_refused = on_refused or _log_refusal
        self.header_timeout_s = header_timeout_s
        self.decision_timeout_s = decision_timeout_s
        self.close_timeout_s = close_timeout_s
        self.write_timeout_s = write_timeout_s
        self.connections: dict[Any, dict[str, Any]] = {}
        self.ws_factory = self._socket_factory(deflate)
        self._ports: list[Any] = []
        self._stop_asked = asyncio.Event()
        self._is_stopping = False

    def _socket_factory(self, deflate: bool) -> WebSocketFactory:
        factory = WebSocketFactory(self, server=self.server_name)
        factory.protocol = StationSocket
        factory.setProtocolOptions(
            failByDrop=False,  # a violation is answered with its close code
            openHandshakeTimeout=self.decision_timeout_s,
            closeHandshakeTimeout=self.close_timeout_s + 1,  # autobahn's timers come up to 1 s early
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_message_size,
            perMessageCompressionAccept=(
                partial(compression.accept, max_message_bytes=self.websocket_max_message_size)
                if deflate
                else None
            ),
        )
        return factory

    @override
    def run(self) -> None:
        """Serve. Blocks; for the main thread, and once a process, for Twisted's reactor starts only once."""
        if not isinstance(LOOP, uvloop.Loop):
            logger.warning("daphne.server was imported before gateway.reactor: no uvloop, a slower listener")
        asyncio.set_event_loop(LOOP)
        _log_failures_of_twisted()
        for endpoint in self.endpoints:
            self._listen(endpoint)
        for number in (signal.SIGTERM, signal.SIGINT):
            LOOP.add_signal_handler(number, self._stop_asked.set)
        LOOP.add_signal_handler(signal.SIGHUP, self._reload_certificates)
        REACTOR.callLater(1, self.application_checker)
        starting = LOOP.create_task(self._start())
        serving = LOOP.create_task(self._serve())
        REACTOR.run(installSignalHandlers=False)
        serving.result()
        if not starting.cancelled():
            starting.result()

    def _listen(self, endpoint: Endpoint) -> None:
        tls: Any = endpoint.tls  # mypy doesn't see its zope interface
        factory: Any = UpgradeFactory(
            self.ws_factory.buildProtocol,
            header_timeout_s=self.header_timeout_s,
            secure=tls is not None,
            is_stopping=lambda: self._is_stopping,
            on_refused=self.on_refused,
        )
        if tls is not None:
            factory = TLSMemoryBIOFactory(tls, False, factory)
        with endpoint.sock as sock:  # adopting duplicates it
            sock.listen(BACKLOG)
            sock.setblocking(False)
            self._ports.append(REACTOR.adoptStreamPort(sock.fileno(), sock.family, factory))

    def _reload_certificates(self) -> None:
        for endpoint in self.endpoints:
            if endpoint.tls is not None:
                endpoint.tls.reload()

    async def _start(self) -> None:
        try:
            if self.on_start is not None:
                await self.on_start()
        except BaseException:
            self._stop_asked.set()
            raise

    async def _serve(self) -> None:
        try:
            await self._stop_asked.wait()
            await self._wind_up()
        finally:
            REACTOR.stop()

    async def _wind_up(self) -> None:
        """Let no one in, let `drain` end what it wants to, end the rest, and let the applications finish."""
        self._is_stopping = True
        if self.drain is not None:
            try:
                await self.drain()
            except Exception:
                logger.exception("The drain failed; its sockets are closed all at once")
        for port in self._ports:
            await port.stopListening().asFuture(LOOP)
        for socket in list(self.connections):
            socket.end(status=503, code=SERVICE_RESTART)
        applications = self._applications()
        if applications:
            await asyncio.wait(applications, timeout=self.application_close_timeout)
        self.application_checker()  # Daphne logs what they raised
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _applications(self) -> set[asyncio.Task[None]]:
        details = self.connections.values()
        return {each["application_instance"] for each in details if "application_instance" in each}

    # Daphne's hooks, called by its `WebSocketProtocol` and ours

    @override
    def create_application(self, protocol: StationSocket, scope: dict[str, Any]) -> Inbox:
        """Daphne's, with a bounded inbox, and told at once when the application has ended."""
        inbox = protocol.open_inbox()
        send = partial(self.handle_reply, protocol)
        application = LOOP.create_task(self.application(protocol.complete(scope), inbox.get, send))
        application.add_done_callback(protocol.application_done)
        self.connections[protocol]["application_instance"] = application
        return inbox

    @override
    async def handle_reply(self, protocol: StationSocket, message: Event) -> None:
        """Daphne's, but waits while the station doesn't read, and takes the short way with a plain text."""
        if not protocol.writable.is_set():
            await protocol.writable.wait()
        text = message.get("text") if message["type"] == "websocket.send" else None
        if text is None or not protocol.send_text(text):
            await super().handle_reply(protocol, message)

    @override
    def protocol_disconnected(self, protocol: StationSocket) -> None:
        """Daphne's, but for a socket that was refused and reaped before it was lost."""
        if protocol in self.connections:
            super().protocol_disconnected(protocol)


def _log_refusal(address: str, status: int, text: str) -> None:
    logger.info("refused %s: %d %s", address, status, text)


def _log_failures_of_twisted() -> None:
    """Pass on what is broken in us; what stations do wrong is for the application to tell."""
    everything: Any = STDLibLogObserver()
    threshold: Any = LogLevelFilterPredicate(LogLevel.critical)
    failures: Any = FilteringLogObserver(everything, [threshold])
    globalLogBeginner.beginLoggingTo([failures], discardBuffer=True, redirectStandardIO=False)
