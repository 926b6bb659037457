"""What has to be asked elsewhere before a CALL can be handled: a responder, a pool, an operator's endpoint.

The writer thread waits for nobody, so that this is asked before a CALL reaches it, on the event loop or on
threads of its own, each question within its time. The answers go with the CALL, and its handler takes them:

    lookups={"GetCertificateStatus": (get_certificate_status.LOOKUP,)}     in the adapter
    status = lookups.found(CertificateStatus)                              in the handler

None is what a handler is given when nothing came in time, or asking failed: that must never let anybody in.
A CALL that is looked up for may be overtaken by a later one of its station. Who sends one before it has the
answer to another doesn't keep OCPP-J's order anyway (1.6 section 4.1.1; 2.0.1 part 4, section 4.1.1).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.reconnecting import reconnecting

log = logging.getLogger(__name__)

type Payload = Mapping[str, Any]

# Questions that are asked at once; more wait in line, within their own time.
THREADS = 16
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lookup")

_held: ContextVar[Sequence[object]] = ContextVar("looked_up", default=())


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Whose CALL it is."""

    station_id: int
    network_id: int
    version: str
    received_at: datetime


type Find = Callable[[Asker, Payload], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One question.

    Attributes:
        wanted: Whether this payload raises it at all; on the event loop, so without I/O.
        find: Asks; the answer is an object of a type that no other lookup of the action has. `on_thread`
            makes one of a plain function that reads rows or waits for a socket.
        budget_s: How long it may take; asked each time, so that it can be a setting.
    """

    find: Find
    budget_s: Callable[[], float]
    wanted: Callable[[Payload], bool] = bool


def on_thread(ask: Callable[[Asker, Payload], object]) -> Find:
    """Ask on a thread with a database connection of its own. Out of time, its answer is dropped."""

    async def find(asker: Asker, payload: Payload) -> object:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_threads, reconnecting, lambda: ask(asker, payload))

    return find


async def look_up(wanted: Sequence[Lookup], asker: Asker, payload: Payload) -> Sequence[object]:
    """Ask all of them at once; the answers that came. Never raises."""
    answers = await asyncio.gather(*(_within_time(lookup, asker, payload) for lookup in wanted))
    return [answer for answer in answers if answer is not None]


async def _within_time(lookup: Lookup, asker: Asker, payload: Payload) -> object:
    try:
        async with asyncio.timeout(lookup.budget_s()):
            return await lookup.find(asker, payload)
    except TimeoutError:
        log.warning("station %d: a lookup took longer than %g s", asker.station_id, lookup.budget_s())
    except Exception:
        log.exception("station %d: a lookup failed", asker.station_id)
    return None


@contextmanager
def hold(answers: Sequence[object]) -> Iterator[None]:
    """Have `found` give these answers."""
    token = _held.set(answers)
    try:
        yield
    finally:
        _held.reset(token)


def found[Answer](kind: type[Answer]) -> Answer | None:
    """What was found out for the CALL that is handled; None if nothing was."""
    return next((answer for answer in _held.get() if isinstance(answer, kind)), None)
