"""A TCP proxy whose way can be cut, or swallow what comes."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from tests.gateway.whole.simulated import Background

type Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Passes on what comes to a port of its own, but for the time between `cut` and `mend`.

    Args:
        open_way: Connects to the server behind.
    """

    def __init__(self, background: Background, open_way: Open) -> None:
        self._background = background
        self._open_way = open_way
        self._server: asyncio.Server
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._ways: set[asyncio.Task[None]] = set()
        self.port = 0

    def __enter__(self) -> Self:
        self._background.run(self._listen())
        return self

    def __exit__(self, *failure: object) -> None:
        self.cut()
        self._background.run(self._close())

    def cut(self) -> None:
        """End every connection, and new ones at once."""
        self._background.run(self._cut())

    def swallow(self) -> None:
        """Take what comes and keep it: nothing breaks, and nobody answers."""
        self._background.run(self._stop())

    def mend(self) -> None:
        """Pass on what comes again, and what was swallowed."""
        self._is_cut = False
        self._background.run(self._go_on())

    async def _listen(self) -> None:
        # For good: a server of asyncio that is closed loses the connections that it is just accepting.
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        self._is_cut = True
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _stop(self) -> None:
        self._flows.clear()

    async def _go_on(self) -> None:
        self._flows.set()

    async def _close(self) -> None:
        self._server.close()
        for _ in range(10):  # until the transports that were aborted have closed their sockets
            await asyncio.sleep(0)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._pass_on(reader, writer))
        self._ways.add(task)
        task.add_done_callback(self._ways.discard)
        task.add_done_callback(lambda _: writer.transport.abort())  # also of one that never began

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._open_way()
        try:
            await asyncio.wait(
                [
                    asyncio.ensure_future(self._copy(reader, far_writer)),
                    asyncio.ensure_future(self._copy(far_reader, writer)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            far_writer.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while octets := await reader.read(65536):
                await self._flows.wait()
                writer.write(octets)
                await writer.drain()
        except ConnectionError:
            pass


def to_redis() -> Open:
    """The way to the Redis of the test run."""
    address = urlsplit(settings.REDIS_URL)
    return partial(asyncio.open_connection, address.hostname, address.port)


def to_postgresql() -> Open:
    """The way to the PostgreSQL of the test run, be it a port or a unix socket."""
    known: dict[str, Any] = {**settings.DATABASES["default"]}
    port = known["PORT"] or 5432
    if known["HOST"].startswith("/"):
        return partial(asyncio.open_unix_connection, f"{known['HOST']}/.s.PGSQL.{port}")
    return partial(asyncio.open_connection, known["HOST"], port)
