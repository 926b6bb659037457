"""One WebSocket to the central system, from the 101 to its end.

Keeps the rules of OCPP-J for the station's side: one open CALL at a time, CALLs of the central
system answered meanwhile, answers matched by id. Source: OCPP-J 1.6 section 4.1; OCPP 2.0.1
part 4, section 4.1.

Errors::

    ConnectFailed          no 101; the caller waits and tries again
    CallFailed             no CALLRESULT
    ├── Disconnected       the socket is gone: keep what must not be lost
    ├── Unanswered         nothing came in time
    └── Refused            a CALLERROR came
"""

import asyncio
import logging
import socket
import struct
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from emobi.simulator import frames
from emobi.simulator.access import Access
from emobi.simulator.frames import Call, CallError, CallResult, Frame, MalformedFrame, Payload

logger = logging.getLogger(__name__)

# struct linger {on, 0 s}: close() then sends RST instead of FIN.
_LINGER_RST = struct.pack("ii", 1, 0)


class ConnectFailed(Exception):
    """The central system can't be reached or refused the handshake.

    Attributes:
        status: HTTP status of the refusal; None if none came.
        retry_after_s: What Retry-After asks for, 0 if nothing.
    """

    def __init__(self, reason: str, *, status: int | None = None, retry_after_s: float = 0) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


class CallFailed(Exception):
    """A CALL of the station got no CALLRESULT."""


class Disconnected(CallFailed):
    """There is no socket, or it closed before the answer."""


class Unanswered(CallFailed):
    """The time-out passed; the answer may still come and is then ignored."""


class Refused(CallFailed):
    """The central system answered with a CALLERROR."""

    def __init__(self, error: CallError) -> None:
        super().__init__(f"{error.code}: {error.description}")
        self.error = error


async def open_link(
    identity: str,
    access: Access,
    subprotocol: str,
    *,
    compression: bool,
    hear: Callable[["Link", Call | MalformedFrame], Awaitable[None]],
    record: Callable[[str, str], None],
) -> "Link":
    """Connect once.

    Args:
        hear: Called for each CALL of the central system, in order.
        record: Called with ("sent" | "received", text) for each frame.

    Raises:
        ConnectFailed: Without a 101 that chose ``subprotocol``.
    """
    options: dict[str, Any] = {}
    if (tls := access.tls()) is not None:
        options["ssl"] = tls
    try:
        websocket = await connect(
            access.url_of(identity),
            subprotocols=[Subprotocol(subprotocol)],
            additional_headers=access.headers_of(identity),
            compression="deflate" if compression else None,
            proxy=None,
            ping_interval=None,  # the station pings by its own configuration, see Lifeline
            max_queue=None,  # so that only Link.silence() ever pauses the transport
            **options,
        )
    except InvalidStatus as refusal:
        response = refusal.response
        after = response.headers.get("Retry-After", "")
        raise ConnectFailed(
            f"HTTP {response.status_code}",
            status=response.status_code,
            retry_after_s=float(after) if after.isdecimal() else 0,
        ) from refusal
    except (OSError, InvalidHandshake, TimeoutError) as exc:
        raise ConnectFailed(f"{type(exc).__name__}: {exc}") from exc
    if websocket.subprotocol != subprotocol:
        await websocket.close(1002)
        raise ConnectFailed(f"the central system didn't choose {subprotocol}")
    return Link(websocket, hear, record)


class Link:
    """An open connection; :meth:`run` reads it until it ends."""

    def __init__(
        self,
        websocket: ClientConnection,
        hear: Callable[["Link", Call | MalformedFrame], Awaitable[None]],
        record: Callable[[str, str], None],
    ) -> None:
        self._websocket = websocket
        self._hear = hear
        self._record = record
        self._turn = asyncio.Lock()
        self._open_id: str | None = None
        self._answer: asyncio.Future[CallResult | CallError | None] | None = None
        self.silent = False
        self.closed = asyncio.Event()

    @property
    def closed_with(self) -> tuple[int | None, str | None]:
        """Close code and reason, as the WebSocket library gives them; 1006 without a close frame."""
        return self._websocket.close_code, self._websocket.close_reason

    async def run(self) -> None:
        """Read until the socket ends, however it ends."""
        try:
            while True:
                text = await self._websocket.recv()
                if not self.silent:
                    await self._receive(text)
        except ConnectionClosed:
            pass
        finally:
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(None)
            self.closed.set()

    async def call(self, action: str, payload: Payload, *, timeout_s: float) -> Payload:
        """Send a CALL once no other is open, and wait for its answer.

        A caller who is cancelled leaves the CALL open: no other goes out before its answer or time-out.

        Raises:
            CallFailed: One of its kinds, see the head of this file.
        """
        exchange = asyncio.ensure_future(self._exchange(action, payload, timeout_s))
        exchange.add_done_callback(_look_at_failure)
        return await asyncio.shield(exchange)

    async def send(self, frame: Frame) -> None:
        await self.send_text(frames.encode(frame))

    async def send_text(self, text: str) -> None:
        """Send any text; a silent station swallows it.

        Raises:
            Disconnected: If the socket is closed.
        """
        if self.silent:
            return
        try:
            await self._websocket.send(text)
        except ConnectionClosed as exc:
            raise Disconnected("the socket is closed") from exc
        self._record("sent", text)

    async def ping(self, timeout_s: float) -> bool:
        """True if the central system answers a ping in time."""
        try:
            pong = await self._websocket.ping()
            async with asyncio.timeout(timeout_s):
                await pong
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    def silence(self) -> None:
        """Keep the TCP connection and do nothing more on it: no answers, no pongs, no CALLs."""
        self.silent = True
        self._websocket.transport.pause_reading()

    def speak_again(self) -> None:
        self.silent = False
        self._websocket.transport.resume_reading()

    def reset(self) -> None:
        """Lose the TCP connection at once: RST, no close frame."""
        raw: socket.socket | None = self._websocket.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RST)
        self._websocket.transport.abort()

    async def close(self, code: int = 1000) -> None:
        if self.silent:
            self.reset()
        else:
            await self._websocket.close(code)
        await self.closed.wait()

    async def _exchange(self, action: str, payload: Payload, timeout_s: float) -> Payload:
        async with self._turn:
            self._open_id = str(uuid.uuid4())
            self._answer = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout_s):
                    await self.send(Call(self._open_id, action, payload))
                    answer = await self._answer
            except TimeoutError as exc:
                raise Unanswered(f"{action}: no answer in {timeout_s:g} s") from exc
            finally:
                self._open_id = self._answer = None
        if answer is None:
            raise Disconnected("the socket closed before the answer")
        if isinstance(answer, CallError):
            raise Refused(answer)
        return answer.payload

    async def _receive(self, text: str | bytes) -> None:
        self._record("received", text if isinstance(text, str) else text.decode(errors="replace"))
        try:
            frame = frames.decode(text)
        except MalformedFrame as damage:
            await self._hear(self, damage)
            return
        if isinstance(frame, Call):
            await self._hear(self, frame)
        elif self._answer is not None and frame.message_id == self._open_id and not self._answer.done():
            self._answer.set_result(frame)
        else:
            logger.info("an answer to no open CALL: %s", frame.message_id)


def _look_at_failure(exchange: asyncio.Future[Payload]) -> None:
    """Its caller may be gone, and asyncio complains of failures that nobody looks at."""
    if not exchange.cancelled():
        exchange.exception()
