"""From TCP accept to the WebSocket: reads one request's head, then hands the connection over or refuses it.

Nothing here reaches the application but a request to become a WebSocket.
"""
# mypy: allow-untyped-calls
# (Twisted is annotated only in parts.)

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any, override

from OpenSSL import SSL
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from gateway import upgrade
from gateway.presented import NO_TLS, TOO_LATE
from gateway.reactor import LAST_LOOK_S, LOOP
from gateway.station_socket import StationSocket

# The peer's address, the status that it was told (or would have been), and why.
type OnRefused = Callable[[str, int, str], None]

# Who comes while we stop is to come back within this time, and not all at one moment.
STOPS_S = 3


class UpgradeRequest(Request):
    """A request's head; `UpgradeChannel` decides what becomes of it."""

    channel: "UpgradeChannel"

    @override
    def process(self) -> None:
        self.channel.judge(self)


class UpgradeChannel(HTTPChannel):
    """One connection until it is a WebSocket or closed."""

    requestFactory = UpgradeRequest  # noqa: N815 - Twisted's name
    factory: "UpgradeFactory"
    transport: Any  # its zope interfaces tell mypy nothing
    deadline: asyncio.TimerHandle
    socket: StationSocket | None = None
    is_refused = False

    @override
    def connectionMade(self) -> None:
        super().connectionMade()
        # Absolute, from TCP accept over TLS handshake and request to the hand-over, or to the end of a peer
        # that was refused: Twisted's own timer starts again with each byte, so that a drip lives for ever.
        self.deadline = LOOP.call_later(self.factory.header_timeout_s, self._be_late)

    @override
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.deadline.cancel()
        # A peer that just hangs up (a SysCallError) was refused nothing.
        if reason.check(SSL.Error) and not reason.check(SSL.SysCallError):
            self._tell_refused(NO_TLS, _words_of(reason.value))
        super().connectionLost(reason)

    def _be_late(self) -> None:
        self.deadline = LOOP.call_later(LAST_LOOK_S, self._give_up)

    def _give_up(self) -> None:
        wanted = "TLS handshake and request" if self.factory.secure else "request"
        self._tell_refused(TOO_LATE, f"No complete {wanted} came within {self.factory.header_timeout_s:g} s.")
        self.transport.abortConnection()

    @override
    def allHeadersReceived(self) -> None:
        """Awaits no body: a WebSocket's request has none, and all others are refused at once."""
        self.length = 0
        super().allHeadersReceived()

    @override
    def rawDataReceived(self, data: bytes) -> None:
        """What follows the head: a hasty station's frames, or what is dropped of a refused request."""
        if self.socket is not None:
            self.socket.dataReceived(data)

    @override
    def lineLengthExceeded(self, line: bytes) -> None:
        """Twisted's closes without a word."""
        if self.requests:
            self.refuse(431, "Header too long.")
        else:
            self.refuse(414, "Request target too long.")

    @override
    def _respondToBadRequestAndDisconnect(self) -> None:
        """Twisted's closes while the peer still sends: the reset that this causes may overtake the answer."""
        self.refuse(400, "Not a valid HTTP request.")

    def judge(self, request: UpgradeRequest) -> None:
        headers = [
            (name.lower(), value)
            for name, values in request.requestHeaders.getAllRawHeaders()
            for value in values
        ]
        try:
            wanted = upgrade.read(request.method, request.uri, request.clientproto, headers)
        except upgrade.UpgradeRefused as refused:
            self.refuse(refused.status, str(refused), refused.headers)
        else:
            if self.factory.is_stopping():
                again_s = random.randint(1, STOPS_S)
                self.refuse(503, "Restarting.", [(b"retry-after", b"%d" % again_s)])
            else:
                self.hand_over(wanted)

    def refuse(self, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Answer, then read on without listening until the peer closes or the deadline comes."""
        self._tell_refused(status, text)
        self.setRawMode()
        self.transport.write(upgrade.text_response(status, text, headers))
        if self.factory.secure:
            self.loseConnection()  # waits for the peer's close_notify
        else:
            self.transport.loseWriteConnection()

    def _tell_refused(self, status: int, text: str) -> None:
        """Tell it once: who was refused and stays until the deadline isn't refused again."""
        if self.is_refused:
            return
        self.is_refused = True
        self.factory.on_refused(self.getPeer().host, status, text)

    def hand_over(self, wanted: upgrade.Upgrade) -> None:
        self.deadline.cancel()
        transport = self.transport
        transport.unregisterProducer()  # this channel
        self.socket = self.factory.build_socket(transport.getPeer())
        if isinstance(transport, ProtocolWrapper):  # TLS
            transport.wrappedProtocol = self.socket
        else:
            transport.protocol = self.socket
        self.socket.makeConnection(transport)
        self.socket.shake_hands(wanted, secure=self.factory.secure)


class UpgradeFactory(ServerFactory):
    """Channels for one port.

    Args:
        build_socket: Makes a socket for a peer's address.
        is_stopping: Whether whoever connects is to come back later.
    """

    def __init__(
        self,
        build_socket: Callable[[Any], StationSocket],
        *,
        header_timeout_s: float,
        secure: bool,
        is_stopping: Callable[[], bool],
        on_refused: OnRefused,
    ) -> None:
        self.is_stopping = is_stopping
        self.on_refused = on_refused
        self.build_socket = build_socket
        self.header_timeout_s = header_timeout_s
        self.secure = secure

    @override
    def buildProtocol(self, addr: object) -> Any:
        channel = UpgradeChannel()
        channel.factory = self
        return channel


def _words_of(failure: BaseException | None) -> str:
    """What OpenSSL says of a handshake that failed: "certificate verify failed"."""
    said = [entry[-1] for entry in failure.args[0]] if failure is not None and failure.args else []
    return f"TLS handshake failed: {'; '.join(said) or 'no reason given'}"
