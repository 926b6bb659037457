"""The EVSEs of a station, and the transactions on them."""

import asyncio
from collections.abc import Iterator, Sequence

from emobi.simulator.evse import Evse, NotPossible, Session


class Evses:
    """All EVSEs of one station, in the order of their numbers."""

    def __init__(self, evses: Sequence[Evse]) -> None:
        self._evses = tuple(evses)
        self._idle = asyncio.Event()
        self._idle.set()

    def __iter__(self) -> Iterator[Evse]:
        return iter(self._evses)

    def __len__(self) -> int:
        return len(self._evses)

    def get(self, evse_id: int) -> Evse:
        """The EVSE of this number.

        Raises:
            NotPossible: If there is none.
        """
        if not 1 <= evse_id <= len(self._evses):
            raise NotPossible(f"no EVSE {evse_id}")
        return self._evses[evse_id - 1]

    def at(self, evse_id: int) -> list[Evse]:
        """One EVSE; all of them for 0; none for an unknown number."""
        return [evse for evse in self._evses if evse_id in {0, evse.evse_id}]

    @property
    def charging(self) -> list[Evse]:
        """Those with a transaction under way."""
        return [evse for evse in self._evses if evse.session is not None]

    def charging_for(self, transaction_id: str) -> Evse | None:
        """The one with this transaction: the station's own id, or 1.6's number."""
        for evse in self._evses:
            session = evse.session
            if session is not None and transaction_id in {session.transaction_id, str(session.number)}:
                return evse
        return None

    def begin(self, evse: Evse, session: Session) -> None:
        evse.begin(session)
        self._idle.clear()

    def end(self, evse: Evse) -> Session:
        session = evse.end()
        if not self.charging:
            self._idle.set()
        return session

    async def until_idle(self) -> None:
        """Wait until no transaction is under way."""
        await self._idle.wait()
