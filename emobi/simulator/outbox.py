"""Transaction reports wait here, in order, until the central system has answered them.

Source: OCPP 1.6 section 3.7; OCPP 2.0.1 part 2, E04, E12 and E13. The queue survives a lost
connection and a reboot; a report is thrown away only after the configured number of attempts
failed, because the central system answered with a CALLERROR or not at all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from emobi.simulator.dialect import Report
from emobi.simulator.evse import Session
from emobi.simulator.frames import Payload
from emobi.simulator.link import Disconnected, Refused, Unanswered

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """One report in the queue.

    Attributes:
        settle: Called with the answer, once.
        tried: Set once it was answered or is known to have to wait.
    """

    report: Report
    session: Session
    settle: Callable[[Payload], None]
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0


class Outbox:
    """The queue of one station.

    Args:
        call: Sends a report and returns the answer, or raises CallFailed.
        complete: Fills in what is known only when a report goes out.
        patience: (attempts, seconds before the next, times the failures so far).
    """

    def __init__(
        self,
        call: Callable[[Report], Awaitable[Payload]],
        complete: Callable[[Payload, Session], None],
        patience: Callable[[], tuple[int, float]],
    ) -> None:
        self._call = call
        self._complete = complete
        self._patience = patience
        self._waiting: deque[Waiting] = deque()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def holds(self, transaction_id: str | None = None) -> bool:
        """Whether reports wait: of one transaction, or any."""
        return any(transaction_id in {None, waiting.session.transaction_id} for waiting in self._waiting)

    def put(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        self._filled.set()

    def interrupt(self, mark_offline: Callable[[Payload], None]) -> None:
        """The connection is lost: what waits now is history (E11.FR.07), and nobody waits for it."""
        for waiting in self._waiting:
            mark_offline(waiting.report.payload)
            waiting.tried.set()

    async def drain(self) -> None:
        """Send what waits, in order, for as long as the connection lives; then cancel this."""
        while True:
            while self._waiting:
                await self._deliver(self._waiting[0])
            self._filled.clear()
            await self._filled.wait()

    async def _deliver(self, waiting: Waiting) -> None:
        self._complete(waiting.report.payload, waiting.session)
        try:
            answer = await self._call(waiting.report)
        except Disconnected:
            await asyncio.Future()  # until drain() is cancelled with the connection
        except (Refused, Unanswered) as failure:
            await self._wait_or_give_up(waiting, failure)
        else:
            self._waiting.popleft()
            _settle(waiting, answer)

    async def _wait_or_give_up(self, waiting: Waiting, failure: Refused | Unanswered) -> None:
        waiting.failures += 1
        attempts, retry_s = self._patience()
        waiting.tried.set()
        if waiting.failures >= attempts:
            logger.warning("%s thrown away after %d attempts: %s", waiting.report.action, attempts, failure)
            self._waiting.popleft()
        else:
            await asyncio.sleep(retry_s * waiting.failures)


def _settle(waiting: Waiting, answer: Payload) -> None:
    try:
        waiting.settle(answer)
    except (KeyError, ValueError):
        logger.warning("%s: unreadable answer", waiting.report.action, exc_info=True)
    finally:
        waiting.tried.set()
