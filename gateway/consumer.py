"""One station's WebSocket: the only async file of the inbound path."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from channels.consumer import AsyncConsumer

from emobi.core import clock, metrics
from gateway.admission import unavailable
from gateway.connection import Conversation, Handle, Ignore, Send, Settle
from gateway.dispatch import Fenced, Impostor, Line, Noted, Received, Reply
from gateway.errors import CallStillOpen, InternalError
from gateway.frames import Call, CallError, CallResult, Deviation, Frame
from gateway.handshake import Admission
from gateway.intake import Unavailable
from gateway.limits import Pace
from gateway.lookups import Asker, Lookup, look_up
from gateway.outbound import Answered, Outgoing, Unanswered
from gateway.presence import Close, Open
from gateway.presented import Refusal
from gateway.process import Gateway
from gateway.versions import ADAPTERS
from stations.models import Direction, Kind

log = logging.getLogger(__name__)

type Event = Mapping[str, Any]

# CALLs of one station that wait for their commit; beyond it the station isn't read.
MOST_OPEN = 32
# Stations that were told nothing come back over this time, not all at one moment.
COME_BACK_S = 30.0

# Who sends so many texts in a row that are no frames is no station.
MOST_MALFORMED = 20


# A close that can't be noted while the database is away is tried again.
AGAIN_S = 1.0

GOING_AWAY, UNSUPPORTED_DATA, POLICY_VIOLATION, SERVICE_RESTART, TRY_AGAIN_LATER = (
    1001,
    1003,
    1008,
    1012,
    1013,
)
# Stations that are closed like this get the time of a restart of ours to come back.
OUR_FAULT = frozenset({SERVICE_RESTART, TRY_AGAIN_LATER})

# As the ASGI extension numbers them.
TLS_VERSIONS = {0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}

KINDS: Mapping[type, Kind] = {Call: Kind.CALL, CallResult: Kind.RESULT, CallError: Kind.ERROR}


class StationConsumer(AsyncConsumer):  # type: ignore[misc]  # channels has no types
    """Admits a station, reads its frames, and writes what it is answered and asked.

    Channels' own dispatch closes old database connections around each message: a hop to a thread and back
    that costs more than all the rest. This event loop never uses a database, so `__call__` reads the socket
    itself.
    """

    def __init__(self, gateway: Gateway, call_timeout_s: float) -> None:
        self.gateway = gateway
        self.call_timeout_s = call_timeout_s
        self.outgoing: Outgoing | None = None
        self.deadline: asyncio.TimerHandle | None = None
        self.waiting = self.unsent = 0
        self.answered = asyncio.Event()
        self.open = self.let_in = self.by_us = self.gave_up = False

    async def __call__(
        self, scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]
    ) -> None:
        self.write = send
        await receive()  # websocket.connect
        admission = await self._while_it_waits(self.gateway.admit(scope), receive)
        if admission is None:
            return
        if isinstance(admission, Refusal):
            await self._refuse(admission)
            return
        adapter = ADAPTERS[admission.subprotocol]
        station = admission.station
        self.line = Line(station.pk, station.network_id, adapter, serial_number=admission.serial_number)
        self.flags = station.flags
        self.conversation = Conversation(
            adapter.dialect, match_lone_answer=bool(self.flags.get("match_lone_answer"))
        )
        code, reason = 1006, ""
        try:
            if await self._while_it_waits(self._take_over(admission, scope), receive) is None:
                return
            if not self.line.epoch:
                address = (scope.get("client") or ("", 0))[0]
                await self._refuse(unavailable(address, "the socket couldn't be noted"))
                return
            # Only now: who is told 101 is known to the fleet as connected, and its frames find their epoch.
            if self.flags.get("no_compression"):
                await send({"type": "emobi.plain"})
            await send({"type": "websocket.accept", "subprotocol": admission.echo or None})
            await self._set_pings()
            self.open = self.let_in = True
            self.gateway.enter(self)
            code, reason = await self._read(receive)
        finally:
            self.open = False
            self.gateway.leave(self)
            if self.deadline is not None:
                self.deadline.cancel()
            if self.line.epoch:
                self._tell_closed(code, reason)

    # ── opening and closing ─────────────────────────────────────────────────────────────────────────────

    async def _while_it_waits[R](
        self, job: Coroutine[Any, Any, R], receive: Callable[[], Awaitable[Event]]
    ) -> R | None:
        """The result of a job, or None when the station gives up first: nothing is worked off for it.

        A fleet that comes back at one moment and isn't served in time tries again, and again.
        """
        doing = asyncio.ensure_future(job)
        leaving = asyncio.ensure_future(receive())  # nothing else comes before the 101
        try:
            await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                self.gave_up = True
                return None
            return doing.result()
        finally:
            doing.cancel()
            leaving.cancel()

    async def _refuse(self, refusal: Refusal) -> None:
        headers = [(b"Content-Type", b"text/plain"), *refusal.headers]
        await self.write(
            {"type": "websocket.http.response.start", "status": refusal.status, "headers": headers}
        )
        # The reason is the operator's to see, not the guesser's.
        await self.write({"type": "websocket.http.response.body", "body": b""})

    async def _take_over(self, admission: Admission, scope: Event) -> bool:
        """Become the socket that speaks for the station: its line gets an epoch, if the database is there."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tls = scope["extensions"].get("tls") or {}
        self.gateway.intake.submit(
            Open(
                at=clock.now(),
                opening=self.line,
                gateway=self.gateway.name,
                security_profile=admission.security_profile,
                password_hash=admission.password_hash,
                unchecked=admission.unchecked,
                certificate_not_after=admission.certificate_not_after,
                remote_address=(scope.get("client") or ("", 0))[0],
                tls_version=TLS_VERSIONS.get(tls.get("tls_version", 0), ""),
                wanted=lambda: not self.gave_up,
                tell=partial(self._opened, opened),
            )
        )
        await opened
        return True

    def _opened(self, opened: asyncio.Future[None], result: object) -> None:
        self.line.epoch = result if isinstance(result, int) else 0
        if not opened.done():
            opened.set_result(None)
        elif self.line.epoch:
            self._tell_closed(1006, "gone before it was let in")

    def _tell_closed(self, code: int, reason: str) -> None:
        """Note the end of the socket; a drain notes those of all sockets at once."""
        if self.gateway.draining:
            return
        self.gateway.intake.submit(
            Close(
                at=clock.now(),
                closing=self.line,
                code=code,
                reason=reason,
                # Who leaves before the 101 waited too long for us: that is no outage of its own.
                by_us=self.by_us or not self.let_in,
                held_up=self.gateway.intake.held_up,
                tell=partial(self._told_closed, code, reason),
            )
        )

    def _told_closed(self, code: int, reason: str, result: object) -> None:
        if isinstance(result, Unavailable):
            self.by_us = True  # it couldn't come back
            asyncio.get_running_loop().call_later(AGAIN_S, self._tell_closed, code, reason)

    async def _set_pings(self) -> None:
        """Stations that don't answer pings, or need others, are pinged as their quirks say."""
        interval_s = self.flags.get("ping_interval_s")
        if isinstance(interval_s, int | float):
            await self.write({"type": "emobi.ping", "interval_s": interval_s})

    async def close(self, code: int, reason: str) -> None:
        """Close by the WebSocket's own handshake; what still arrives is kept out."""
        self.open = False
        self.by_us = code in OUR_FAULT
        await self.write({"type": "websocket.close", "code": code, "reason": reason})

    async def drain(self, code: int, reason: str) -> None:
        """Take in nothing more, give the answers that are due, then close."""
        self.open = False
        while self.waiting:
            self.answered.clear()
            await self.answered.wait()
        await self.close(code, reason)

    def _close_soon(self, code: int, reason: str) -> None:
        if self.open:
            self.gateway.spawn(self.close(code, reason))

    def _close_later(self, code: int, reason: str) -> None:
        """Hear nothing more, and close at a moment that no other station shares."""
        if self.open:
            self.open, self.by_us = False, True
            asyncio.get_running_loop().call_later(
                random.uniform(0, COME_BACK_S), lambda: self.gateway.spawn(self.close(code, reason))
            )

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, receive: Callable[[], Awaitable[Event]]) -> tuple[int, str]:
        """Read until the socket closes; its close code and reason."""
        pace = Pace(time.monotonic())
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return event.get("code") or 1006, event.get("reason") or ""
            if not self.open:
                continue
            text = event.get("text")
            if text is None:
                self._close_soon(UNSUPPORTED_DATA, "OCPP is text")
                continue
            self._hear(text, clock.now())
            if self.waiting >= MOST_OPEN:
                self.answered.clear()
                await self.answered.wait()
            pause_s = pace.pause_s(time.monotonic(), len(text))
            if pause_s:
                await asyncio.sleep(pause_s)

    def _hear(self, text: str, at: datetime) -> None:
        match self.conversation.receive(text):
            case Handle(call, deviations):
                self._handle(call, text, at, deviations)
            case Send() as refusal:
                self._answer_at_once(refusal, text, at)
            case Settle(_, answer):
                self._settle(answer, text, at)
            case Ignore(reason, frame):
                self._note(text, at, reason, frame)
        if self.conversation.malformed_in_a_row >= MOST_MALFORMED:
            self._close_soon(POLICY_VIOLATION, "no OCPP frames")

    def _handle(self, call: Call, text: str, at: datetime, deviations: Sequence[Deviation]) -> None:
        self.waiting += 1
        metrics.CALLS.add(call.action, "received")
        possible = self.line.adapter.lookups.get(call.action, ())
        wanted = [lookup for lookup in possible if lookup.wanted(call.payload)]
        if wanted:
            self.gateway.spawn(self._look_up(wanted, call, text, at, deviations))
        else:
            self._submit(call, text, at, deviations)

    async def _look_up(
        self,
        wanted: Sequence[Lookup],
        call: Call,
        text: str,
        at: datetime,
        deviations: Sequence[Deviation],
    ) -> None:
        """Ask elsewhere what the handler has to know; other CALLs go on meanwhile."""
        asker = Asker(
            station_id=self.line.station_id,
            network_id=self.line.network_id,
            version=self.line.adapter.version,
            received_at=at,
        )
        self._submit(call, text, at, deviations, await look_up(wanted, asker, call.payload))

    def _submit(
        self,
        call: Call,
        text: str,
        at: datetime,
        deviations: Sequence[Deviation],
        looked_up: Sequence[object] = (),
    ) -> None:
        self.gateway.intake.submit(
            Received(
                at=at,
                line=self.line,
                action=call.action,
                call=call,
                text=text,
                deviations=deviations,
                looked_up=looked_up,
                tell=partial(self._handled, call, text, at),
            )
        )

    def _handled(self, call: Call, text: str, at: datetime, result: object) -> None:
        self.waiting -= 1
        match result:
            case Reply(answer, answer_text, rest_s):
                self.conversation.answered(call, answer, answer_text)
                self._send(answer_text)
                metrics.HANDLING.observe(clock.unix() - at.timestamp())
                if rest_s:
                    self.gateway.rest(self.line.station_id, rest_s)
            case Impostor():
                self._note(text, at, "another serial number than its certificate's: not answered", call)
                self._close_soon(POLICY_VIOLATION, "not the station of the certificate")
            case Fenced():
                self._close_soon(SERVICE_RESTART, "replaced")
            case Unavailable():
                self._close_later(TRY_AGAIN_LATER, "not available")
            case _:
                # Our own fault. A station that is told so about a transaction message counts an attempt and
                # throws the message away in the end; one that is told nothing keeps it.
                self._note(text, at, "failed here; see the server's log", call)
                if call.action in self.line.adapter.transaction_actions:
                    self.conversation.forget(call)
                else:
                    self._write_sent(self.conversation.failed(call, InternalError.code), at)
        # Last, so that who waits to close sends its close behind the answer.
        self.answered.set()

    def _answer_at_once(self, refusal: Send, text: str, at: datetime) -> None:
        """An error, or the first answer again: nothing to commit first."""
        self._note(text, at, refusal.note, refusal.call)
        self._write_sent(refusal, at)

    def _write_sent(self, sent: Send, at: datetime) -> None:
        self._note(sent.text, at, sent.note, sent.frame, direction=Direction.SENT, about=sent.call)
        self._send(sent.text)

    def _note(
        self,
        text: str,
        at: datetime,
        note: str,
        frame: Frame | None = None,
        *,
        direction: Direction = Direction.RECEIVED,
        about: Call | None = None,
    ) -> None:
        """Keep a frame that has no other effect."""
        call = frame if isinstance(frame, Call) else about
        self.gateway.intake.submit(
            Noted(
                at=at,
                line=self.line,
                text=text,
                note=note,
                direction=direction,
                kind=KINDS.get(type(frame), Kind.DAMAGED),
                message_id="" if frame is None else str(frame.message_id),
                action="" if call is None else call.action,
                error_code=frame.code if isinstance(frame, CallError) else "",
                deviations=frame.deviations if frame is not None else (),
            )
        )

    def _send(self, text: str) -> None:
        """Write at once, unless something waits already for a station that doesn't read."""
        self.unsent += 1
        self.gateway.spawn(self._write(text), at_once=self.unsent == 1)

    async def _write(self, text: str) -> None:
        try:
            await self.write({"type": "websocket.send", "text": text})
        finally:
            self.unsent -= 1

    # ── commands ────────────────────────────────────────────────────────────────────────────────────────

    def call(self, outgoing: Outgoing) -> bool:
        """Write a CALL of ours, and wait for its answer no longer than a station may take."""
        if not self.open:
            return False
        try:
            self.conversation.call(outgoing.call, outgoing.text)
        except CallStillOpen:
            return False
        self.outgoing = outgoing
        self.deadline = asyncio.get_running_loop().call_later(self.call_timeout_s, self._expire)
        self._send(outgoing.text)
        metrics.CALLS.add(outgoing.call.action, "sent")
        return True

    def _settle(self, answer: CallResult | CallError, text: str, at: datetime) -> None:
        outgoing, self.outgoing = self.outgoing, None
        if self.deadline is not None:
            self.deadline.cancel()
        pause_s = self.flags.get("call_pause_s")
        if pause_s:
            self.gateway.rest(self.line.station_id, pause_s)
        if outgoing is not None:
            self.gateway.intake.submit(
                Answered(
                    at=at,
                    line=self.line,
                    outgoing=outgoing,
                    answer=answer,
                    text=text,
                    tell=self._go_on,
                )
            )

    def _go_on(self, result: object) -> None:
        """Say what is left of the command, or look for the next."""
        if isinstance(result, Outgoing):
            self.gateway.send([result])
        else:
            self.gateway.claim()

    def _expire(self) -> None:
        """No answer in time: the slot is free again, and the command's end will never be known."""
        outgoing, self.outgoing = self.outgoing, None
        if outgoing is not None:
            self.conversation.expire(str(outgoing.call.message_id))
            if self.conversation.is_deaf:
                self._close_soon(GOING_AWAY, "no answer to several CALLs in a row")
            self.gateway.intake.submit(
                Unanswered(
                    at=clock.now(),
                    lost=[outgoing],
                    reason=f"no answer within {self.call_timeout_s:g} s",
                    tell=lambda _result: self.gateway.claim(),
                )
            )
