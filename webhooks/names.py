"""Names of receivers, looked up in threads of their own: a name server that doesn't answer holds its thread
for as long as the system has patience, and what else runs in threads isn't to wait for that.

No more than one thread for each name: the connector asks for one again only when it was answered.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Self

from aiohttp.abc import AbstractResolver, ResolveResult

# So many names may be without an answer at a time before others wait. Threads are made as they are needed.
THREADS = 128


class Resolver(AbstractResolver):
    """The system's answers, as `aiohttp.ThreadedResolver` has them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        ask = partial(
            socket.getaddrinfo, host, port, family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, where in found
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Without waiting: whoever hangs is left alone."""
        self._threads.shutdown(wait=False, cancel_futures=True)
