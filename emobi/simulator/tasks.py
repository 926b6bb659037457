"""Background work that belongs to someone: it ends with its owner, and none of it fails unheard."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from emobi.simulator.evse import NotPossible
from emobi.simulator.link import CallFailed, ConnectFailed

logger = logging.getLogger(__name__)

# What may overtake any work: the connection goes, or someone else was at the EVSE first.
OVERTAKEN = (CallFailed, ConnectFailed, NotPossible)


class Tasks:
    """The tasks of one owner, who is named in the log."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._running: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finish)

    def cancel(self) -> None:
        for task in self._running:
            task.cancel()

    async def end(self) -> None:
        """Cancel all and wait until they are gone."""
        self.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _finish(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        failure = None if task.cancelled() else task.exception()
        if isinstance(failure, OVERTAKEN):
            logger.info("%s: %s", self._owner, failure)
        elif failure is not None:
            logger.error("%s: the simulation failed", self._owner, exc_info=failure)
