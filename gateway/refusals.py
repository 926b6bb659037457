"""Refused handshakes on their way to the database: all at a sane rate, a part of a flood. For the event loop.

Anybody may knock, and a refusal may cost the one who knocks nothing, but keeping it costs us a row.
"""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

from emobi.core import clock
from gateway.dispatch import Piece
from gateway.intake import Intake
from gateway.presence import Refused
from gateway.presented import Refusal

log = logging.getLogger(__name__)

WINDOW_S = 1.0
# Different ones are kept within a window, of all addresses and of one; the rest are only logged. Of stations
# that are known there can't be more than a few each, and they may all be behind one address.
MOST = 50
MOST_OF_ONE = 25
MOST_KNOWN = 500


@dataclass(slots=True)
class _Repeated:
    refusal: Refusal
    address: str
    times: int = 0


class Refusals:
    """Keeps the first at once; the same again within the window is counted, and kept at its end."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str, str], _Repeated] = {}
        self._of_one: Counter[str] = Counter()
        self._of_known = 0
        self._left_out = 0
        self._window: asyncio.TimerHandle | None = None

    def keep(self, refusal: Refusal, address: str, intake: Intake[Piece]) -> None:
        """Keep a refusal with its reason."""
        who = f"{refusal.network_slug}/{refusal.identity} from " if refusal.identity else ""
        log.info("refused %s%s: %d %s: %s", who, address, refusal.status, refusal.reason, refusal.detail)
        if self._window is None:
            loop = asyncio.get_running_loop()
            self._window = loop.call_later(WINDOW_S, self.end_window, intake)
        key = (address, refusal.network_slug, refusal.identity, refusal.reason)
        kept = self._kept.get(key)
        if kept is not None:
            kept.refusal = refusal
            kept.times += 1
        elif self._has_room(refusal, address):
            self._kept[key] = _Repeated(refusal, address)
            _submit(refusal, address, 1, intake)
        else:
            self._left_out += 1

    def _has_room(self, refusal: Refusal, address: str) -> bool:
        if refusal.known:
            self._of_known += 1
            return self._of_known <= MOST_KNOWN
        if self._of_one[address] >= MOST_OF_ONE or self._of_one.total() >= MOST:
            return False
        self._of_one[address] += 1
        return True

    def end_window(self, intake: Intake[Piece]) -> None:
        """Keep how often the same came again; what comes next is new."""
        if self._window is not None:
            self._window.cancel()
            self._window = None
        for kept in self._kept.values():
            if kept.times:
                _submit(kept.refusal, kept.address, kept.times, intake)
        if self._left_out:
            log.warning("%d refused handshakes in a second are not kept", self._left_out)
        self._kept.clear()
        self._of_one.clear()
        self._of_known = 0
        self._left_out = 0


def _submit(refusal: Refusal, address: str, times: int, intake: Intake[Piece]) -> None:
    intake.submit(Refused(at=clock.now(), refusal=refusal, remote_address=address, times=times))
