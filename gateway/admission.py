"""The door: handshakes wait in line to be judged, guessers wait longer, and refusals are kept."""

import asyncio
import dataclasses
import logging
import random
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import Error as DatabaseFailed

from gateway import handshake, presented
from gateway.dispatch import Piece
from gateway.failed_sign_ins import Peer, SharedFailures
from gateway.handshake import Admission
from gateway.intake import Intake
from gateway.limits import Openings
from gateway.presented import Refusal, Request
from gateway.reconnecting import reconnecting
from gateway.refusals import Refusals
from gateway.revocation import Revocations
from gateway.turns import Turns

log = logging.getLogger(__name__)

# Sign-ins that are judged at once: each may hash for milliseconds, without the GIL. More wait in line, and
# more than that are told to come back.
JUDGES = 4
MOST_WAITING = 2_000
# Behind one address may be a depot of hundreds of stations, but not all that may wait.
MOST_WAITING_OF_ONE = 1_000
# Who waits for a judge looks so often whether that is still to be hoped for.
LOOK_EVERY_S = 3.0
# Who can't be let in now is to come back within this time.
BACK_S = 15
NOT_AVAILABLE = "not available"


class Door:
    """Judges handshakes, on threads of its own; called on the event loop."""

    def __init__(self) -> None:
        self._failures = SharedFailures()
        self._revocations = Revocations()
        self._judges = ThreadPoolExecutor(JUDGES, thread_name_prefix="judge")
        self._openings = Openings()
        self._turns: Turns[Peer] = Turns()
        self.refusals = Refusals()
        # Handshakes that wait for a verdict, by address.
        self._waiting: Counter[str] = Counter()

    async def admit(self, scope: Mapping[str, Any], intake: Intake[Piece]) -> Admission | Refusal:
        """Judge a handshake; ``intake`` keeps a refusal with its reason."""
        address = (scope.get("client") or ("", 0))[0]
        request = presented.read(scope)
        if isinstance(request, Refusal):
            self.refusals.keep(request, address, intake)
            return request
        if not intake.available or self._waiting.total() >= MOST_WAITING:
            return unavailable(address, "no database, or too many wait")
        if self._waiting[address] >= MOST_WAITING_OF_ONE:
            return unavailable(address, "too many wait there")
        guesser = (address, f"{request.network_slug}/{request.identity.casefold()}")
        verdict: Admission | Refusal | None = self._held_back(request, guesser)
        if verdict is None:
            self._waiting[address] += 1
            try:
                verdict = await self._in_turn(request, guesser, intake)
            finally:
                self._waiting[address] -= 1
                if not self._waiting[address]:
                    del self._waiting[address]
        if isinstance(verdict, Admission):
            verdict = self._opening(verdict, request)
        if isinstance(verdict, Refusal) and verdict.reason != NOT_AVAILABLE:
            self.refusals.keep(verdict, address, intake)
        return verdict

    def _opening(self, admission: Admission, request: Request) -> Admission | Refusal:
        """Count a socket; only those of who proved to be the station, so that nobody else can use them up."""
        wait_s = self._openings.wait_s(admission.station.pk, time.monotonic())
        if not wait_s:
            return admission
        refusal = request.refused(
            503,
            "too many connections",
            "It opens one socket after the other, or two chargers have its identity and take turns.",
            (_retry_after(wait_s),),
        )
        station = admission.station
        return dataclasses.replace(
            refusal, identity=station.identity, network_id=station.network_id, known=True
        )

    def _held_back(self, request: Request, guesser: Peer) -> Refusal | None:
        wait_s = self._failures.wait_s(guesser)
        if not wait_s:
            return None
        detail = f"Ten failed sign-ins in a minute; try again in {wait_s} s."
        return request.refused(429, "too many failures", detail, (_retry_after(wait_s),))

    async def _in_turn(self, request: Request, guesser: Peer, intake: Intake[Piece]) -> Admission | Refusal:
        """Judge it when no other handshake of the same peer is judged.

        Of guesses made at the same moment each is judged knowing how the one before ended; who knows the
        password waits a little, however many of its sockets try.
        """
        if request.certificate is not None:
            standing = await self._revocations.standing(request.certificate)
            request = dataclasses.replace(request, standing=standing)
        async with self._turns.take(guesser):
            held_back = self._held_back(request, guesser)
            if held_back is not None:
                return held_back
            if not intake.available:
                return unavailable(guesser[0], "no database")
            job = self._judges.submit(reconnecting, lambda: handshake.judge(request))
            judging = asyncio.wrap_future(job)
            try:
                verdict = await _verdict(judging, guesser[0], intake)
            except asyncio.CancelledError:
                # Who hangs up while somebody is at it has tried all the same.
                if not job.cancel():
                    await asyncio.wait([judging], timeout=LOOK_EVERY_S)
                    if judging.done() and judging.exception() is None:
                        await self._count(judging.result(), guesser)
                raise
            finally:
                judging.cancel()  # who gave up isn't judged any more, if nobody began
            await self._count(verdict, guesser)
            return verdict

    async def _count(self, verdict: Admission | Refusal, guesser: Peer) -> None:
        if isinstance(verdict, Refusal) and verdict.status == 401:
            await self._failures.add(guesser)

    async def close(self) -> None:
        """Nobody is judged any more."""
        await self._failures.close()


async def _verdict(
    judging: "asyncio.Future[Admission | Refusal]", address: str, intake: Intake[Piece]
) -> Admission | Refusal:
    try:
        # A way to the database that swallows everything lets a judge hang without a word.
        while not (await asyncio.wait([judging], timeout=LOOK_EVERY_S))[0]:
            if not intake.available:
                return unavailable(address, "the database is silent")
        return judging.result()
    except DatabaseFailed as exc:
        log.warning("not judged: %s", exc)
        return unavailable(address, "no database")


def unavailable(address: str, why: str, within_s: int = BACK_S) -> Refusal:
    """Not now; the wait is spread, so that they don't all come back at one moment.

    Nothing of it is kept but a line of the log: it says nothing of the station.
    """
    log.info("not now, %s: %s", address, why)
    wait_s = random.randint(1, within_s)
    return Refusal(status=503, reason=NOT_AVAILABLE, detail="", headers=(_retry_after(wait_s),))


def _retry_after(seconds: int) -> tuple[bytes, bytes]:
    return b"Retry-After", b"%d" % seconds
