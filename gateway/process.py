"""One gateway process: its sockets, its lease, its timers, and how it goes.

Processes are equal and share nothing but PostgreSQL and Redis; any number may listen on one port.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, override

from django.conf import settings
from django.db import Error as DatabaseFailed

from emobi.core import clock, metric_snapshots, metrics, nudge, ulid
from gateway import dispatch, operator_verdicts
from gateway.admission import Door, unavailable
from gateway.dispatch import Line, Piece
from gateway.handshake import Admission
from gateway.intake import Intake
from gateway.outbound import Claim, Outgoing, Unanswered
from gateway.presented import NO_TLS, TOO_LATE, Refusal
from gateway.reconnecting import reconnecting
from gateway.sweeps import Sweeps
from stations.models import Station
from stations.services.presence import gateway_processes

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
CLAIM_EVERY_S = 5.0
# A lease is renewed so many times within its length.
RENEWALS = 3
# A drain closes its sockets one after the other, so that they don't come back at one moment; all of them
# within this time.
DRAIN_S = 3.0
DRAIN_PAUSE_S = 0.05
DRAIN_ANSWERS_S = 2.0

# Who can't be let in because we start, or end, is to come back within this time.
STARTS_S = 3

SERVICE_RESTART, GOING_AWAY = 1012, 1001
REPLACED = "replaced by a newer connection"

# Of what the listener refuses, by the status that it gives.
_REASONS = {NO_TLS: "no TLS", TOO_LATE: "no request in time"}


class Speaker(Protocol):
    """What the process knows of a consumer."""

    line: Line
    open: bool

    def call(self, outgoing: Outgoing) -> bool:
        """Write a CALL of ours; False if it can't be written."""

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, by the WebSocket's own handshake."""

    async def drain(self, code: int, reason: str) -> None:
        """Give the answers that are due, then close."""


@dataclass(slots=True, eq=False, kw_only=True)
class Chore(Piece):
    """Something that has to be done now and then; its result is told when it is."""

    do: Callable[[], object]

    @override
    def run(self, station: Station | None) -> object:
        return self.do()


class Gateway:
    """The process. Everything but `dispatch.run`, judging and chores happens on its event loop."""

    def __init__(self, name: str) -> None:
        self.name = f"{name}-{ulid.new()[-8:]}".lower()
        self.ready = self.draining = False
        self.intake: Intake[Piece]
        self._sockets: dict[int, Speaker] = {}
        self._door = Door()
        # Not one of the door's threads, and not the steward's: a lease mustn't wait in line with a storm of
        # reconnects, nor behind a sweep that has much to do.
        self._lease_keeper = ThreadPoolExecutor(1, thread_name_prefix="lease")
        self._renewed_at = float("-inf")
        self._steward = ThreadPoolExecutor(1, thread_name_prefix="steward")
        self._sweeps = Sweeps()
        # Until when stations are asked nothing, by the event loop's clock.
        self._resting: dict[int, float] = {}
        self._claiming = self._claim_again = False
        self._tasks: set[asyncio.Task[None]] = set()

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Take a lease and start the timers; called on the loop before any station is admitted."""
        loop = asyncio.get_running_loop()
        nudge.use_loop(loop)
        await loop.run_in_executor(self._steward, self._enter)
        self._renewed_at = time.monotonic()
        self.intake = Intake(dispatch.run, loop, hold_s=settings.EMOBI_HOLD_S)
        self.intake.start()
        metrics.CONNECTED_STATIONS.read_by(lambda: len(self._sockets))
        metrics.WAITING_WORK.read_by(lambda: self.intake.waiting)
        metrics.COMMITS_BEHIND.read_by(lambda: self.intake.behind_s)
        for job in (
            self._listen(),
            self._keep_lease(),
            self._look_after_presence(),
            self._look_for_commands(),
            metric_snapshots.publish(),
        ):
            self.spawn(job)
        self.ready = True
        log.info("gateway %s is up", self.name)

    async def drain(self) -> None:
        """Answer what was asked, close every socket with 1012, write what there is, say goodbye."""
        self.draining = True
        if not self.ready:
            return
        stations = list(self._sockets.values())
        log.info("draining %d sockets", len(stations))
        pause = min(DRAIN_PAUSE_S, DRAIN_S / max(1, len(stations)))
        closing = []
        for station_socket in stations:
            closing.append(asyncio.ensure_future(station_socket.drain(SERVICE_RESTART, "gateway restarts")))
            await asyncio.sleep(pause)
        if closing:
            await asyncio.wait(closing, timeout=DRAIN_ANSWERS_S)
        for task in list(self._tasks):
            task.cancel()
        self._door.refusals.end_window(self.intake)
        try:
            await asyncio.wait_for(self.intake.stop(), DRAIN_ANSWERS_S)
            await asyncio.wait_for(self._door.close(), DRAIN_ANSWERS_S)
            goodbye = partial(gateway_processes.stop, self.name)
            await asyncio.wait_for(
                asyncio.get_running_loop().run_in_executor(self._steward, reconnecting, goodbye),
                DRAIN_ANSWERS_S,
            )
        except (TimeoutError, DatabaseFailed):
            log.warning("not written in time: the lease runs out by itself")

    def spawn(self, job: Coroutine[Any, Any, None], *, at_once: bool = False) -> None:
        """Run a job until it ends or the process drains, from now on if it is to start ``at_once``."""
        task = asyncio.Task(job, loop=asyncio.get_running_loop(), eager_start=at_once)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def admit(self, scope: Mapping[str, Any]) -> Admission | Refusal:
        """Judge a handshake."""
        if not self.ready or self.draining:
            address = (scope.get("client") or ("", 0))[0]
            return unavailable(address, "we start, or stop", within_s=STARTS_S)
        return await self._door.admit(scope, self.intake)

    def note_refusal(self, address: str, status: int, text: str) -> None:
        """Keep what the listener refused: it has no more than an address and a reason."""
        if not self.ready or self.draining:
            log.info("refused %s: %d %s", address, status, text)
            return
        reason = _REASONS.get(status, "no WebSocket handshake")
        refusal = Refusal(status=status, reason=reason, detail=text)
        self._door.refusals.keep(refusal, address, self.intake)

    # ── sockets ─────────────────────────────────────────────────────────────────────────────────────────

    def enter(self, entering: Speaker) -> None:
        """A socket is open: it takes the place of an older one of its station."""
        other = self._sockets.get(entering.line.station_id)
        if other is not None and other.line.epoch > entering.line.epoch:
            self.spawn(entering.close(GOING_AWAY, REPLACED))
            return
        self._sockets[entering.line.station_id] = entering
        if other is not None:
            self.spawn(other.close(GOING_AWAY, REPLACED))
        # It may be about to boot, and to take nothing before it is answered.
        if settings.EMOBI_BOOT_REST_S:
            self.rest(entering.line.station_id, settings.EMOBI_BOOT_REST_S)
        else:
            self.claim()

    def leave(self, leaving: Speaker) -> None:
        """A socket is gone; a newer one of its station stays."""
        if self._sockets.get(leaving.line.station_id) is leaving:
            del self._sockets[leaving.line.station_id]

    # ── commands ────────────────────────────────────────────────────────────────────────────────────────

    def claim(self) -> None:
        """Look for commands, soon; many calls become one look. Who drains asks nothing more."""
        if self.draining:
            return
        if self._claiming:
            self._claim_again = True
        else:
            self._claiming = True
            self.intake.submit(
                Claim(at=clock.now(), gateway=self.name, may_ask=self._may_ask, tell=self._claimed)
            )

    def _may_ask(self, station_id: int, epoch: int) -> bool:
        held = self._sockets.get(station_id)
        return held is not None and held.open and held.line.epoch == epoch and station_id not in self._resting

    def rest(self, station_id: int, seconds: float) -> None:
        """Ask a station nothing for a while; the longest counts."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if until > self._resting.get(station_id, 0.0):
            self._resting[station_id] = until
            loop.call_at(until, self._rested, station_id, until)

    def _rested(self, station_id: int, until: float) -> None:
        if self._resting.get(station_id) == until:
            del self._resting[station_id]
            self.claim()

    def _claimed(self, result: object) -> None:
        self._claiming = False
        if isinstance(result, list):
            self.send(result)
        if self._claim_again:
            self._claim_again = False
            self.claim()

    def send(self, committed: Sequence[Outgoing]) -> None:
        """Write CALLs that are committed to the wire, each to the socket it was meant for.

        A process that slept since the commit may have been given up meanwhile: it says none of them.
        """
        may_speak = time.monotonic() - self._renewed_at < settings.EMOBI_LEASE_S
        unsent = []
        for outgoing in committed:
            station_socket = self._sockets.get(outgoing.station_id)
            if (
                not may_speak
                or station_socket is None
                or station_socket.line.epoch != outgoing.epoch
                or not station_socket.call(outgoing)
            ):
                unsent.append(outgoing)
        if unsent:
            self.intake.submit(Unanswered(at=clock.now(), lost=unsent, reason="the connection was lost"))

    # ── timers ──────────────────────────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        """Follow the nudges to this process; without Redis the timers do the same, later."""
        while True:
            name = self.name
            try:
                async with nudge.listening(f"gateway.{name}", "gateways") as listener:
                    # Without Redis joining is tried again, and after a new name it is another group.
                    while listener.joined and name == self.name:
                        self._heed(await listener.wait(CLAIM_EVERY_S))
            except Exception:
                log.exception("nudges failed")
            await asyncio.sleep(1)

    def _heed(self, nudged: Mapping[str, Any] | None) -> None:
        """Close the sockets that a nudge is about, but for newer ones; and look for commands."""
        if nudged is None:
            return
        for about in nudged["about"]:
            match about.split(":"):
                case ["drop", station_id, epoch]:
                    held = self._sockets.get(int(station_id))
                    if held is not None and held.line.epoch <= int(epoch):
                        self.spawn(held.close(GOING_AWAY, "silent, or replaced"))
        self.claim()

    async def _look_for_commands(self) -> None:
        """Do what a nudge asks for, for those that were lost."""
        while True:
            await asyncio.sleep(CLAIM_EVERY_S)
            self.claim()
            await self._let_go()
            await self._chore(operator_verdicts.refresh)

    async def _let_go(self) -> None:
        """Close sockets that no longer speak for their stations."""
        sockets = list(self._sockets.values())
        speaking = await self._chore(lambda: gateway_processes.open_at(self.name))
        if isinstance(speaking, set):
            for held in sockets:
                if (held.line.station_id, held.line.epoch) not in speaking:
                    self.spawn(held.close(GOING_AWAY, REPLACED))

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._lease_is_fresh:
                continue
            match await self._chore(lambda: gateway_processes.renew_lease(self.name), self._lease_keeper):
                case True:
                    self._renewed_at = time.monotonic()
                case False:
                    await self._start_anew()

    @property
    def _lease_is_fresh(self) -> bool:
        return time.monotonic() - self._renewed_at < settings.EMOBI_LEASE_S / RENEWALS

    async def _look_after_presence(self) -> None:
        """See what is due by the clock; after an outage the lease, which is late then, comes first."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._lease_is_fresh:
                await self._chore(self._sweeps.sweep)
            if not self.intake.available:
                self.claim()  # any work shows whether the database is back

    async def _start_anew(self) -> None:
        """A process that was given up lets its sockets go and takes a new name."""
        log.error("the lease of %s has run out: letting %d sockets go", self.name, len(self._sockets))
        # Who comes in from here on belongs to the new name.
        held = list(self._sockets.values())
        self.name = f"{self.name.rsplit('-', 1)[0]}-{ulid.new()[-8:]}".lower()
        asked_at = time.monotonic()
        if await self._chore(self._enter, self._lease_keeper):
            self._renewed_at = asked_at
        for station_socket in held:
            self.spawn(station_socket.close(SERVICE_RESTART, "lease lost"))

    def _enter(self) -> bool:
        gateway_processes.start(self.name, host=socket.gethostname(), pid=os.getpid())
        operator_verdicts.refresh()
        return True

    async def _chore(self, do: Callable[[], object], by: ThreadPoolExecutor | None = None) -> object:
        """Do it on the steward's thread, or on another beside the message path; None if it can't be done."""
        try:
            return await asyncio.get_running_loop().run_in_executor(by or self._steward, reconnecting, do)
        except DatabaseFailed as exc:
            log.warning("chore put off: %s", exc)
        except Exception:
            log.exception("chore failed")
        return None
