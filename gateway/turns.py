"""One at a time of each; the others wait for their turn. For the event loop."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns[K: Hashable]:
    """Remembers only those who have the turn, or wait for it."""

    def __init__(self) -> None:
        self._locks: dict[K, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, who: K) -> AsyncIterator[None]:
        """Wait for the turn, and have it for the length of the block; in the order of arrival."""
        lock, count = self._locks.get(who) or (asyncio.Lock(), 0)
        self._locks[who] = lock, count + 1
        try:
            async with lock:
                yield
        finally:
            _, count = self._locks[who]
            if count > 1:
                self._locks[who] = lock, count - 1
            else:
                del self._locks[who]

    def __len__(self) -> int:
        return len(self._locks)
