"""A WebSocket client that costs next to nothing, so that what is measured is the server.

Frames are masked with the key zero, which is allowed and changes no byte; answers are taken as they come.
"""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from typing import Any, override

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


class Refused(Exception):
    """The server said something else than 101.

    Attributes:
        status: The HTTP status.
        retry_after_s: Of a 503 or 429; 0 where none was said.
    """

    def __init__(self, status: int, retry_after_s: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after_s = retry_after_s


def text_frame(text: bytes) -> bytes:
    """A masked text frame."""
    return _head(TEXT, len(text)) + b"\0\0\0\0" + text


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, 0x80 | length))
    if length < 65536:
        return struct.pack("!BBH", first, 0x80 | 126, length)
    return struct.pack("!BBQ", first, 0x80 | 127, length)


class Socket(asyncio.Protocol):
    """One connection; ``heard`` is called with each text that arrives."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.heard = heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self._buffer = b""
        self._open = False

    @override
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, text: bytes) -> None:
        self.transport.write(text_frame(text))

    def close(self) -> None:
        self.transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed during the handshake"))
        if not self.closed.done():
            self.closed.set_result(None)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open and not self._handshake():
            return
        while (frame := self._frame()) is not None:
            kind, payload = frame
            if kind == TEXT:
                self.heard(payload)
            elif kind == PING:
                self.transport.write(_head(PONG, len(payload)) + b"\0\0\0\0" + payload)
            elif kind == CLOSE:
                self.transport.close()

    def _handshake(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        self._buffer = rest
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        self._open = status == 101
        if self._open:
            self.opened.set_result(None)
        else:
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            self.opened.set_exception(Refused(status, int(headers.get("retry-after", 0))))
            self.transport.close()
        return self._open

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            if len(buffer) < 4:
                return None
            (length,), start = struct.unpack_from("!H", buffer, 2), 4
        elif length == 127:
            if len(buffer) < 10:
                return None
            (length,), start = struct.unpack_from("!Q", buffer, 2), 10
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[0], buffer[start : start + length]


async def connect(
    host: str,
    port: int,
    path: str,
    subprotocol: str,
    heard: Callable[[bytes], None],
    *,
    credentials: str = "",
    local_address: str = "127.0.0.1",
) -> Socket:
    """Open a WebSocket.

    Raises:
        Refused: If the server refuses.
        OSError: If there is none, or it hangs up.
    """
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(heard), host, port, local_addr=(local_address, 0))
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Sec-WebSocket-Protocol: {subprotocol}",
    ]
    if credentials:
        lines.append(f"Authorization: Basic {base64.b64encode(credentials.encode()).decode()}")
    socket.transport.write("\r\n".join([*lines, "", ""]).encode())
    await socket.opened
    return socket


def quantile(values: list[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie; sorts them."""
    values.sort()
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


now = time.perf_counter
