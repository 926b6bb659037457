"""The threads of synchronous views: a few that are kept, each with its connection to the database.

Left alone, Django runs each request of an ASGI server in a thread of its own, which opens a connection to
PostgreSQL and leaves it to the garbage collector: slow, and a burst of requests uses up all the connections
that PostgreSQL has.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext

# More wouldn't be faster: Python runs one at a time, and most of a request is Python.
THREADS = 8

type Application = Callable[[Any, Any, Any], Awaitable[None]]


class ViewThreads:
    """ASGI middleware: what is synchronous of a request runs in one thread, that of the fewest open requests.

    A request that waits on the event loop, as for a command's end, leaves its thread to others meanwhile.
    """

    def __init__(self, application: Application, threads: int = THREADS) -> None:
        self._application = application
        self._requests = {ThreadPoolExecutor(1, f"views-{number}"): 0 for number in range(threads)}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 — ASGI's
        thread = min(self._requests, key=self._requests.__getitem__)
        self._requests[thread] += 1
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._application(scope, receive, send)
        finally:
            self._requests[thread] -= 1
