"""A station's WebSocket, between autobahn's protocol and an ASGI application.

Daphne's translation of ASGI events, with what a charger port needs besides: real close codes, a chosen status
before the 101, back-pressure both ways, pings under the application's control, and an end to peers that only
cost.

Source: RFC 6455; the ASGI WebSocket specification 2.4 with its extensions ``websocket.http.response`` and
``tls``. Of our own are the events ``{"type": "emobi.ping", "interval_s": 0}``: how often the station is
pinged from now on, 0 for one that answers no pings; and ``{"type": "emobi.plain"}`` before the 101: nothing
is compressed, whatever the station offers.
"""

# mypy: allow-untyped-calls
# (autobahn is annotated only in parts.)

import asyncio
import logging
import random
from http.client import responses
from socket import SO_ERROR, SOL_SOCKET
from typing import Any, override

from autobahn.util import encode_truncate
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.python.failure import Failure

from gateway import compression, plain_frames
from gateway.inbox import Event, Inbox
from gateway.pings import Pings
from gateway.reactor import LOOP
from gateway.tls import tls_extension
from gateway.upgrade import Headers, Upgrade, response, text_response

logger = logging.getLogger(__name__)

# What a hasty station may send before our 101; RFC 6455 lets it send nothing.
HASTY_BYTES = 16 << 10
# Pings, pongs and fragments cost us work and bring no message. 1 MiB in fragments of 1 KiB is 1024.
IDLE_FRAMES_PER_S = 2000

# Who is told 503 in the application's place is to come back within this time, not all at one moment.
BACK_S = 15

NORMAL_CLOSURE = 1000
NO_STATUS_RECEIVED = 1005
POLICY_VIOLATION = 1008
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012


class StationSocket(WebSocketProtocol):  # type: ignore[misc]
    """One connection, from its upgrade request to its end."""

    application_queue: Inbox | None = None
    _raw_query_string = b""  # for Daphne's scope, where the real one takes its place
    websocket_extensions: list[compression.Extension]
    message_data: list[bytes] | None
    data: bytes  # read, and not parsed yet
    _denial: tuple[int, Headers, bytes] | None = None
    _asked = False  # the application
    _drop_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    # The handshake

    @override
    def connectionMade(self) -> None:
        super().connectionMade()
        self.server = self.factory.server_class
        self.writable = asyncio.Event()
        self.writable.set()
        self._reading = True
        self._idle_frames = 0
        self._idle_frames_since = 0.0
        self._ping_interval_s = self.server.ping_interval
        self._pings = Pings(timeout_s=self.server.ping_timeout, ask=self.sendPing, give_up=self._on_silence)
        self.transport.registerProducer(self, True)

    def shake_hands(self, upgrade: Upgrade, *, secure: bool) -> None:
        """Begin with the station's request, already read; ``secure`` if it came over TLS."""
        self.upgrade, self.secure = upgrade, secure
        self._dataReceived(upgrade.head())

    @override
    def onConnect(self, request: ConnectionRequest) -> Any:
        self._asked = True
        self.websocket_extensions = compression.acceptable(self.websocket_extensions)
        return super().onConnect(request)

    def complete(self, scope: dict[str, Any]) -> dict[str, Any]:
        """Daphne's scope, with what was kept from autobahn and what Daphne leaves out."""
        extensions: dict[str, Any] = {"websocket.http.response": {}, "emobi.ping": {}, "emobi.plain": {}}
        if self.secure:
            extensions["tls"] = tls_extension(self.transport.getHandle())
        scheme = "wss" if self.secure else "ws"
        return scope | self.upgrade.scope() | {"scheme": scheme, "extensions": extensions}

    def open_inbox(self) -> Inbox:
        return Inbox(self._regulate_reading)

    @override
    def applicationCreateFailed(self, failure: Failure) -> None:
        """Daphne's only logs, and leaves the station without an answer."""
        super().applicationCreateFailed(failure)
        LOOP.call_soon(self.deny, 500)  # when `onConnect`, which this is called from, has promised an answer

    @override
    def onOpen(self) -> None:
        super().onOpen()
        self._pings.every(self._ping_interval_s)

    @override
    def onOpenHandshakeTimeout(self) -> None:
        """autobahn's closes without a word."""
        self.openHandshakeTimeoutCall = None
        self.deny(503)

    def deny(self, status: int) -> None:
        """Answer the handshake with ``status``, or with the response that the application has begun."""
        if hasattr(self, "handshake_deferred"):
            handshake = self.handshake_deferred
            del self.handshake_deferred
            handshake.errback(ConnectionDeny(status, responses.get(status, "Refused")))
            self.server.protocol_disconnected(self)

    @override
    def sendHttpErrorResponse(
        self, code: int, reason: str, responseHeaders: list[tuple[str, str]] | None = None
    ) -> None:
        """autobahn's has neither a body nor a length, and tells nobody whom it refused by itself."""
        if self._denial is not None:
            self.sendData(response(*self._denial))
            return
        address = self.transport.getPeer().host
        headers = [(name.encode(), value.encode()) for name, value in responseHeaders or []]
        if not self._asked:
            self.server.on_refused(address, code, reason)
        elif code == 503:
            logger.info("not now, %s: not decided in time, or we stop", address)
            headers.append((b"retry-after", b"%d" % random.randint(1, BACK_S)))
        self.sendData(text_response(code, reason, headers))

    # What the station sends

    @override
    def dataReceived(self, data: bytes) -> None:
        """autobahn's, but deaf to a peer that was refused or broken off: a flood isn't even parsed.

        A peer that is cut off just after these bytes is let go at once: uvloop ends its watch of a socket
        with an error when the error comes, and Twisted, which has read bytes where the loop meant it to find
        that error, would never hear of it.
        """
        is_cut_off = self.transport.socket.getsockopt(SOL_SOCKET, SO_ERROR) != 0
        self._pings.heard()
        if self.failedByMe or self.state == self.STATE_CLOSED:
            pass
        elif self.state == self.STATE_CONNECTING:
            self._keep_for_later(data)
        else:
            self._dataReceived(data)
        if is_cut_off:
            self.transport.abortConnection()

    def _keep_for_later(self, data: bytes) -> None:
        """A hasty station's frames wait for the 101, where autobahn would take them for another request."""
        self.data += data
        if len(self.data) > HASTY_BYTES:
            self.transport.abortConnection()

    @override
    def processData(self) -> bool:
        """autobahn's, which goes on through all frames of a read: stops with a full inbox."""
        if not self._reading or self.failedByMe:
            return False
        if self.current_frame is None and not self.inside_message and self._take_text():
            return len(self.data) > 0
        return bool(super().processData())

    def _take_text(self) -> bool:
        """Take a text in one frame that is here as a whole and not compressed, as nearly all messages are.

        autobahn spends twelve calls and a dozen counters on it, a quarter of a message's cost. All that isn't
        as plain as this, or not as it should be, is left to it.
        """
        if self.state != self.STATE_OPEN or self.application_queue is None:
            return False
        taken = plain_frames.read_text(self.data, self.maxMessagePayloadSize)
        if taken is None:
            return False
        text, end = taken
        self.data = self.data[end:]
        self.application_queue.put_nowait({"type": "websocket.receive", "text": text})
        return True

    @override
    def onFrameEnd(self) -> Any:
        frame = self.current_frame
        if (frame.opcode > 7 or not frame.fin) and self._floods():
            self._fail_connection(POLICY_VIOLATION, "too many frames without a message")
            return False
        return super().onFrameEnd()

    def _floods(self) -> bool:
        now = LOOP.time()
        if now - self._idle_frames_since >= 1:
            self._idle_frames, self._idle_frames_since = 0, now
        self._idle_frames += 1
        return self._idle_frames > IDLE_FRAMES_PER_S

    @override
    def onMessageEnd(self) -> None:
        """autobahn's, without a Deferred a message for listeners that nobody registers."""
        if not self.failedByMe:
            self.onMessage(b"".join(self.message_data or ()), self.message_is_binary)
        self.message_data = None

    def _regulate_reading(self) -> None:
        """Read while the inbox has room and the station takes our answers; else TCP tells it to wait."""
        sated = self.application_queue is not None and self.application_queue.sated
        self._reading = self.writable.is_set() and not sated
        if self._reading:
            self.transport.resumeProducing()
            LOOP.call_soon(self._go_on)
        else:
            self.transport.pauseProducing()

    def _go_on(self) -> None:
        """Parse what was read before reading stopped."""
        if self.state in (self.STATE_OPEN, self.STATE_CLOSING):
            self.consumeData()

    def _on_silence(self) -> None:
        if self._reading:
            self.wasNotCleanReason = "nothing heard, not even an answer to a ping"
            self.dropConnection()
        else:
            self._pings.again()  # it's we who don't listen

    # What the application sends

    @override
    def handle_reply(self, message: Event) -> None:
        """Once the socket is closing, a message is dropped: it crossed the station's close."""
        match message["type"]:
            case "websocket.accept" if message.get("subprotocol") not in (None, *self.upgrade.subprotocols):
                raise ValueError("a subprotocol that the station didn't ask for")
            case "websocket.http.response.start":
                self._denial = message["status"], list(message.get("headers", [])), b""
            case "websocket.http.response.body":
                self._deny_with(message)
            case "websocket.close":
                code, reason = message.get("code") or NORMAL_CLOSURE, message.get("reason") or ""
                self.end(status=403, code=code, reason=reason)
            case "emobi.plain":
                self.websocket_extensions = []
            case "emobi.ping":
                self._ping_every(message["interval_s"])
            case _ if self.state in (self.STATE_CONNECTING, self.STATE_OPEN):
                super().handle_reply(message)

    def send_text(self, text: str) -> bool:
        """Write a text in one frame if nothing has to be done to it; False where that is for autobahn."""
        if self.state != self.STATE_OPEN or self._perMessageCompress is not None:
            return False
        frame = plain_frames.text_frame(text)
        if len(frame) > self.maxMessagePayloadSize:
            return False
        self.sendData(frame)
        return True

    def _deny_with(self, message: Event) -> None:
        if self._denial is None:
            raise ValueError("websocket.http.response.body before its start")
        status, headers, body = self._denial
        self._denial = status, headers, body + message.get("body", b"")
        if not message.get("more_body"):
            self.deny(status)

    def _ping_every(self, interval_s: float) -> None:
        self._ping_interval_s = interval_s
        if self.state == self.STATE_OPEN:
            self._pings.every(interval_s)

    @override
    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """autobahn's, without a coloured line for a log that nobody keeps: a tenth of a message's cost.

        Another quarter is the reactor's, which is asked only for what can't be written at once.
        """
        written = 0 if self.secure or self._is_writing() else self.transport.writeSomeData(data)
        # Not an int: the connection is lost, as the reactor is about to find out.
        rest = data[written:] if isinstance(written, int) else data
        if rest:
            try:
                self.transport.write(rest)
            except RuntimeError:
                # uvloop's: it doesn't watch this socket any more, as in `dataReceived`.
                self.transport.abortConnection()

    def _is_writing(self) -> bool:
        """Whether something waits already, or nothing may be written any more."""
        transport = self.transport
        waiting = transport.dataBuffer or transport._tempDataBuffer
        return bool(waiting or transport.disconnecting or not transport.connected)

    # The transport's producer: called when its buffer (64 KiB) is full, and when it is empty again

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.writable.is_set():
            self.writable.clear()
            self._stall_timer = LOOP.call_later(self.server.write_timeout_s, self.transport.abortConnection)
            self._regulate_reading()

    def resumeProducing(self) -> None:  # noqa: N802
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self.writable.set()
        self._regulate_reading()

    def stopProducing(self) -> None:  # noqa: N802
        """`connectionLost` follows."""

    # The end

    def end(self, *, status: int, code: int, reason: str = "") -> None:
        """Answer a pending handshake with ``status``, an open socket with ``code``; a closing one goes on."""
        if self.state == self.STATE_CONNECTING:
            self.deny(status)
        else:
            self.sendCloseFrame(code, encode_truncate(reason, 123) if reason else None)

    def application_done(self, task: asyncio.Task[None]) -> None:
        """An application that returns, fails or is cancelled leaves no socket open behind it."""
        if task.cancelled():
            self.end(status=503, code=SERVICE_RESTART)
        else:
            self.end(status=500, code=INTERNAL_ERROR)

    @override
    def dropConnection(self, abort: bool = False) -> None:
        """Close with a FIN even where autobahn wants to abort, which would discard what is still to be sent.

        The abort comes later, for a peer that is gone or never sends its close_notify.
        """
        if self.state != self.STATE_CLOSED:
            self._drop_timer = LOOP.call_later(self.server.close_timeout_s, self.transport.abortConnection)
            super().dropConnection(abort=False)

    @override
    def connectionLost(self, reason: Failure) -> None:
        self.writable.set()  # whoever waits to send is let go
        self._pings.stop()
        for timer in (self._drop_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        super().connectionLost(reason)

    @override
    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Daphne's, with the reason, and with our own code where it was us who broke off."""
        if self.application_queue is None:
            return
        self.server.protocol_disconnected(self)
        if self.failedByMe:
            code, reason = self.localCloseCode, (self.localCloseReason or b"").decode()
        about = {"code": code or NO_STATUS_RECEIVED, "reason": reason or ""}
        self.application_queue.put_nowait({"type": "websocket.disconnect", **about})
