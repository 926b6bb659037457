"""A courier delivers to all endpoints at once, from one event loop, for some minutes; then the next one does.

One task an event would cost ten times as much. Each endpoint has a lane of its own, so that one that is slow
or dead delays no other. Rows are the truth: what a courier had in hand when it died is delivered by the next
one, once more perhaps, with the same id.
"""

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp

from emobi.core import clock, metric_snapshots, metrics, nudge
from webhooks import payloads, sender
from webhooks.lanes import Lane, View
from webhooks.ledger import Ledger
from webhooks.models import Delivery, Endpoint
from webhooks.sender import Message, Result
from webhooks.services import endpoints
from webhooks.services.queueing import Settled

log = logging.getLogger(__name__)

RUNS_FOR_S = 180.0
# At its end it waits for answers as long as they may take; less if the worker is told to stop.
LAST_ANSWERS_S = sender.TIMEOUT_S + 1
STOPS_WITHIN_S = 0.5
# Without a nudge rows are looked at so often, for retries that are due.
LOOK_EVERY_S = 1.0
# With nudges and answers coming in, no more often: what gathers meanwhile is written in one statement.
PAUSE_S = 0.02
TICK_S = 0.25


class Courier:
    """One run.

    Args:
        stopping: Whether the process is to end.
        hand_over: Have another one start.
        runs_for_s: When to come to an end.
    """

    def __init__(
        self, *, stopping: Callable[[], bool], hand_over: Callable[[], None], runs_for_s: float = RUNS_FOR_S
    ) -> None:
        self._stopping = stopping
        self._hand_over = hand_over
        self._end_at = time.monotonic() + runs_for_s
        self._ledger = Ledger()
        self._woken = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._database = ThreadPoolExecutor(1, thread_name_prefix="webhooks")

    async def run(self) -> None:
        """Deliver until the end, or not at all where another one does or there is nobody to tell."""
        try:
            if await self._in_database(self._ledger.open):
                async with sender.session() as through, nudge.listening("webhooks") as listener:
                    listens = asyncio.create_task(self._listen(listener))
                    # A worker has several processes of one name, and couriers come and go in all of them.
                    tells = asyncio.create_task(
                        metric_snapshots.publish(f"{metric_snapshots.process()}-{os.getpid()}")
                    )
                    try:
                        await self._work(through, listener)
                    finally:
                        listens.cancel()
                        tells.cancel()
                        for task in self._sends:
                            task.cancel()
                        await asyncio.gather(listens, tells, *self._sends, return_exceptions=True)
        finally:
            await self._in_database(self._ledger.close)
            self._database.shutdown()

    async def _work(self, through: aiohttp.ClientSession, listener: nudge.Listener) -> None:
        joined: set[str] = set()
        while not self._stopping() and time.monotonic() < self._end_at:
            begun = time.monotonic()
            self._woken.clear()
            views = self._views()
            found, more = await self._in_database(partial(self._ledger.turn, views))
            for view, next_ones in zip(views, found, strict=True):
                view.lane.written(view, next_ones)
                self._start(through, view.lane)
            await self._join(listener, joined)
            if not more:
                await asyncio.sleep(max(begun + PAUSE_S - time.monotonic(), 0))
                await self._wait(LOOK_EVERY_S)
        await self._come_to_an_end()

    def _views(self) -> list[View]:
        return [lane.view() for lane in self._ledger.lanes.values()]

    async def _wait(self, longest_s: float) -> None:
        until = time.monotonic() + longest_s
        while not self._woken.is_set() and not self._stopping() and time.monotonic() < until:
            try:
                async with asyncio.timeout(TICK_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _come_to_an_end(self) -> None:
        """Hand over at once what nothing is on its way to, and the rest as its answers come."""
        for lane in self._ledger.lanes.values():
            lane.closing = True
        await self._let_go()
        await self._in_database(self._ledger.leave_seat)
        if not self._stopping():
            await asyncio.to_thread(self._hand_over)
        answers_until = time.monotonic() + LAST_ANSWERS_S
        stopped_at: float | None = None
        while self._ledger.lanes and time.monotonic() < answers_until:
            if self._stopping() and stopped_at is None:
                stopped_at = time.monotonic()
                answers_until = min(answers_until, stopped_at + STOPS_WITHIN_S)
            await asyncio.sleep(PAUSE_S)
            await self._let_go()

    async def _let_go(self) -> None:
        await self._in_database(partial(self._ledger.let_go, self._views()))

    def _start(self, through: aiohttp.ClientSession, lane: Lane) -> None:
        for delivery in lane.start():
            task = asyncio.create_task(self._deliver(through, lane, delivery))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)

    async def _deliver(self, through: aiohttp.ClientSession, lane: Lane, delivery: Delivery) -> None:
        endpoint = lane.endpoint
        url = endpoint.url
        early = delivery.next_attempt_at > clock.wall()
        result = await self._sent(through, endpoint, delivery)
        # What is put off, or delivered again, has been given another time.
        if result.ok and delivery.next_attempt_at <= delivery.created_at:
            metrics.INGEST_TO_WEBHOOK.observe((clock.wall() - delivery.event.time).total_seconds())
        lane.end(Settled(delivery=delivery, url=url, result=result, early=early, jitter=random.random()))
        self._start(through, lane)
        self._woken.set()

    async def _sent(self, through: aiohttp.ClientSession, endpoint: Endpoint, delivery: Delivery) -> Result:
        try:
            message = Message(
                url=endpoint.url,
                keys=endpoints.secrets(endpoint),
                id=delivery.event_id,
                body=payloads.body(delivery.event, endpoint.network.slug),
            )
        except Exception as fault:
            # By the schedule it ends as a dead letter; else its station would wait for it for ever.
            log.exception("webhook %s: event %s can't be told", endpoint.pk, delivery.event_id)
            return Result(at=clock.wall(), duration_ms=0, error=f"can't be told: {type(fault).__name__}")
        return await sender.send(through, message)

    async def _listen(self, listener: nudge.Listener) -> None:
        while True:
            await listener.wait(LOOK_EVERY_S)
            self._woken.set()

    async def _join(self, listener: nudge.Listener, joined: set[str]) -> None:
        """Hear of the networks that have endpoints. While Redis is away they are looked at every second."""
        wanted = {f"live.{lane.endpoint.network_id}" for lane in self._ledger.lanes.values()}
        if new := sorted(wanted - joined):
            joined |= wanted
            try:
                async with asyncio.timeout(nudge.DEADLINE_S):
                    await listener.join(*new)
            except Exception as exc:  # noqa: BLE001 - whatever Redis or its client raises: the rows are the truth
                log.warning("no nudges from %s: %r", ", ".join(new), exc)

    async def _in_database[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, work)
