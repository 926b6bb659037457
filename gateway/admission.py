"""The door: handshakes wait in line to be judged, guessers wait longer, and refusals are kept."""

import asyncio
import dataclasses
import logging
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import Error as DatabaseFailed

from emobi.core import clock
from gateway import handshake, presented
from gateway.dispatch import Piece
from gateway.failed_sign_ins import SharedFailures
from gateway.handshake import Admission
from gateway.intake import Intake
from gateway.presence import Refused
from gateway.presented import Refusal
from gateway.reconnecting import reconnecting
from gateway.revocation import Revocations

log = logging.getLogger(__name__)

# Sign-ins that are judged at once: each may hash for milliseconds, without the GIL. More wait in line, and
# more than that are told to come back.
JUDGES = 4
MOST_WAITING = 2_000
# Who waits for a judge looks so often whether that is still to be hoped for.
LOOK_EVERY_S = 3.0
# Who can't be let in now is to come back within this time.
BACK_S = 15


class Door:
    """Judges handshakes, on threads of its own; called on the event loop."""

    def __init__(self) -> None:
        self._failures = SharedFailures()
        self._revocations = Revocations()
        self._judges = ThreadPoolExecutor(JUDGES, thread_name_prefix="judge")
        self._waiting = 0

    async def admit(self, scope: Mapping[str, Any], intake: Intake[Piece]) -> Admission | Refusal:
        """Judge a handshake; ``intake`` keeps a refusal with its reason."""
        address = (scope.get("client") or ("", 0))[0]
        request = presented.read(scope)
        if isinstance(request, Refusal):
            _keep(request, address, intake)
            return request
        if not intake.available or self._waiting >= MOST_WAITING:
            return unavailable(address, "no database, or too many wait")
        guesser = (address, f"{request.network_slug}/{request.identity.casefold()}")
        wait_s = self._failures.wait_s(guesser)
        if wait_s:
            detail = f"Ten failed sign-ins in a minute; try again in {wait_s} s."
            refusal = request.refused(429, "too many failures", detail, (_retry_after(wait_s),))
            _keep(refusal, address, intake)
            return refusal
        if request.certificate is not None:
            standing = await self._revocations.standing(request.certificate)
            request = dataclasses.replace(request, standing=standing)
        self._waiting += 1
        judging = asyncio.get_running_loop().run_in_executor(
            self._judges, reconnecting, lambda: handshake.judge(request)
        )
        judging.add_done_callback(self._judged)
        # A way to the database that swallows everything lets a judge hang without a word.
        while not (await asyncio.wait([judging], timeout=LOOK_EVERY_S))[0]:
            if not intake.available:
                return unavailable(address, "the database is silent")
        try:
            verdict = judging.result()
        except DatabaseFailed as exc:
            log.warning("not judged: %s", exc)
            return unavailable(address, "no database")
        if isinstance(verdict, Refusal):
            if verdict.status == 401:
                await self._failures.add(guesser)
            _keep(verdict, address, intake)
        return verdict

    def _judged(self, judging: asyncio.Future[Admission | Refusal]) -> None:
        self._waiting -= 1
        if not judging.cancelled():
            judging.exception()  # asked for here, in case that nobody waits any more

    async def close(self) -> None:
        """Nobody is judged any more."""
        await self._failures.close()


def unavailable(address: str, why: str, within_s: int = BACK_S) -> Refusal:
    """Not now; the wait is spread, so that they don't all come back at one moment.

    Nothing of it is kept but a line of the log: it says nothing of the station.
    """
    log.info("not now, %s: %s", address, why)
    wait_s = random.randint(1, within_s)
    return Refusal(status=503, reason="not available", detail="", headers=(_retry_after(wait_s),))


def _retry_after(seconds: int) -> tuple[bytes, bytes]:
    return b"Retry-After", b"%d" % seconds


def _keep(refusal: Refusal, address: str, intake: Intake[Piece]) -> None:
    log.info("refused %s/%s from %s: %s", refusal.network_slug, refusal.identity, address, refusal.reason)
    intake.submit(Refused(at=clock.now(), refusal=refusal, remote_address=address))
