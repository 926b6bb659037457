"""Who is told of events in a bench: a webhook receiver that can be down, and a client of the event stream.

Both take arrival times in one thread of the bench's process, which has little else to do. The age of an event
is counted from its own time, which is the receipt of the frame that it comes from.
"""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, override

import orjson
import uvloop

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
DOWN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Told:
    """What one of them was told, in the order of arrival."""

    def __init__(self) -> None:
        self.ages_ms: list[float] = []
        self.arrived_at: list[float] = []  # by the monotonic clock
        self.copies = 0
        self.out_of_order = 0
        self.sequence_of: dict[str, int] = {}
        self._last: defaultdict[str, int] = defaultdict(int)

    def ages(self, since: float, until: float) -> list[float]:
        """The ages in ms at their arrival of what happened in this time, by the monotonic clock."""
        told = zip(self.ages_ms, self.arrived_at, strict=True)
        return [age for age, at in told if since < at - age / 1000 < until]

    def take(self, event: Any) -> None:  # noqa: ANN401 - an envelope
        """Note an event. A copy, which has the id of the first, is no second event."""
        sequence = int(event["sequence"])
        if event["id"] in self.sequence_of:
            self.copies += 1
            return
        self.sequence_of[event["id"]] = sequence
        self.arrived_at.append(time.monotonic())
        self.ages_ms.append(time.time() * 1000 - datetime.fromisoformat(event["time"]).timestamp() * 1000)
        station = event.get("station", "")
        self.out_of_order += sequence < self._last[station]
        self._last[station] = max(sequence, self._last[station])


class Receiver(asyncio.Protocol):
    """An HTTP/1.1 server for POSTs with a Content-Length, kept alive."""

    def __init__(self, told: Told, is_up: Callable[[], bool]) -> None:
        self._told = told
        self._is_up = is_up
        self._buffer = b""

    @override
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            lines = head.lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            if self._is_up():
                self._told.take(orjson.loads(rest[:length]))
                self._transport.write(OK)
            else:
                self._transport.write(DOWN)


class Listeners:
    """The thread of both."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def receive(self, port: int, is_up: Callable[[], bool] = lambda: True) -> Told:
        """Serve a receiver on this port."""
        told = Told()
        self._run(self._loop.create_server(lambda: Receiver(told, is_up), "127.0.0.1", port))
        return told

    def stream(self, port: int, key: str) -> Told:
        """Follow the event stream of a web process from now on."""
        told = Told()
        self._run(self._open(port, key, told))
        return told

    async def _open(self, port: int, key: str, told: Told) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        head = f"GET /api/v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n"
        writer.write(head.encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(status.decode())
        self._following = asyncio.ensure_future(_follow(reader, writer, told))

    def _run[R](self, job: Coroutine[Any, Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(30)


async def _follow(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, told: Told) -> None:
    """Read what the server sends, in chunks (RFC 9112, section 7.1) that end anywhere in a line."""
    await reader.readuntil(b"\r\n\r\n")
    rest = b""
    while size := int(await reader.readline() or b"0", 16):
        *lines, rest = (rest + (await reader.readexactly(size + 2))[:-2]).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                told.take(orjson.loads(line[6:]))
