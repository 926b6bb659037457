"""Stations that repeat what wasn't acknowledged; and whether what was is in the database, once, for each."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.load import SUBPROTOCOLS
from bench.traffic import Station
from bench.wire import Refused, Socket, connect
from emobi.core import clock
from emobi.core.models import Network
from sessions.models import ChargingSession, MeterValue

STATIONS = 60
# Longer than a gateway holds an answer back while the database is away.
PATIENCE_S = 20
PEACE_S = 2
START, READING, STOP = "start", "reading", "stop"
_KINDS = {
    "StartTransaction": START,
    "MeterValues": READING,
    "StopTransaction": STOP,
    "Started": START,
    "Updated": READING,
    "Ended": STOP,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a station said of one of its transactions; of a reading with its time."""

    kind: str
    transaction: str
    at: str


class Stubborn:
    """A station that repeats what wasn't acknowledged, as OCPP has it, over any number of connections."""

    def __init__(self, station: Station, port: int) -> None:
        self.station = station
        self._port = port
        self.acknowledged: list[Said] = []
        self.call_errors: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.longest_s = 0.0
        self._waiting: asyncio.Future[bytes] | None = None
        self._first_said_at: float | None = None

    async def live(self, until: asyncio.Event) -> None:
        pending = self.station.boot()
        while not until.is_set():
            try:
                socket = await self._open()
                try:
                    while not until.is_set():
                        await self._ask(socket, pending)
                        pending = self.station.next()
                finally:
                    socket.close()
            except Refused as refusal:
                self.refusals[str(refusal.status)] += 1
                await asyncio.sleep(random.uniform(0.1, 0.5))
            except OSError:
                await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _open(self) -> Socket:
        path = f"/ocpp/bench/{self.station.identity}"
        return await connect("127.0.0.1", self._port, path, SUBPROTOCOLS[self.station.version], self._heard)

    def _heard(self, text: bytes) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(text)

    async def _ask(self, socket: Socket, message: bytes) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        self._first_said_at = self._first_said_at or time.monotonic()
        socket.send(message)
        waiting: set[asyncio.Future[Any]] = {self._waiting, socket.closed}
        done, _ = await asyncio.wait(waiting, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if self._waiting not in done:
            raise ConnectionError("no answer")
        answer = self._waiting.result()
        if answer[1:2] == b"4":
            self.call_errors[self._kind() or ""] += 1
            raise ConnectionError("an error")
        self.station.take(answer)
        self.longest_s = max(self.longest_s, time.monotonic() - self._first_said_at)
        self._first_said_at = None
        self._count()

    def _count(self) -> None:
        if (kind := self._kind()) is not None:
            value = self.station.payload.get("meterValue", [{}])
            at = str(value[0].get("timestamp", "")) if isinstance(value, list) else ""
            self.acknowledged.append(Said(kind, self._transaction(), at if kind == READING else ""))

    def _kind(self) -> str | None:
        """Of what it says of a transaction; None of anything else."""
        return _KINDS.get(str(self.station.payload.get("eventType", self.station.action)))

    def _transaction(self) -> str:
        info = self.station.payload.get("transactionInfo")
        return str(info["transactionId"] if isinstance(info, dict) else self.station.transaction)


class Fleet:
    """Stubborn stations of both versions, to be begun when the loop runs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.begun_at = clock.now()
        self.stations: Sequence[Stubborn] = [
            Stubborn(Station(f"B{number:05}", "1.6" if number % 2 else "2.0.1"), port)
            for number in range(STATIONS)
        ]
        self._over = asyncio.Event()
        self._lives: Sequence[asyncio.Task[None]] = ()

    def begin(self) -> None:
        self._lives = [asyncio.create_task(station.live(self._over)) for station in self.stations]

    async def end(self) -> None:
        """Let them say in peace what they have under way, and stop them."""
        await asyncio.sleep(PEACE_S)
        self._over.set()
        await asyncio.gather(*self._lives)


def judged(fleet: Fleet, network: Network) -> Mapping[str, Any]:
    """What each station was told beside what is in the database."""
    lost = duplicates = readings = more = 0
    for stubborn in fleet.stations:
        kept = _kept(network, stubborn.station.identity, fleet.begun_at)
        told = Counter(stubborn.acknowledged)
        lost += sum((told - kept).values())
        sessions = [said for said in kept.elements() if said.kind == START]
        duplicates += len(sessions) - len(set(sessions))
        readings += sum(count - 1 for said, count in kept.items() if said.kind == READING)
        # Who isn't answered says the same again: no more may be there than was acknowledged, but for the one
        # that a station had under way when the bench ended.
        unanswered = len(sessions) - sum(said.kind == START for said in told)
        more += unanswered
        duplicates += max(0, unanswered - 1)
    errors = sum((stubborn.call_errors for stubborn in fleet.stations), Counter[str]())
    return {
        "acknowledged": sum(len(stubborn.acknowledged) for stubborn in fleet.stations),
        "lost": lost,
        "duplicate_sessions": duplicates,
        "duplicate_readings": readings,
        "unanswered_starts": more,
        "call_errors_to_transactions": errors.total() - errors[""],
        "other_call_errors": errors[""],
        "refusals": dict(sum((stubborn.refusals for stubborn in fleet.stations), Counter[str]())),
        "longest_answer_s": round(max(stubborn.longest_s for stubborn in fleet.stations), 1),
    }


def _kept(network: Network, identity: str, since: datetime) -> Counter[Said]:
    """What is in the database of a station's transactions, in the words of what it said."""
    sessions = ChargingSession.objects.filter(
        network=network, station__identity=identity, received_at__gte=since
    )
    transactions = dict(sessions.values_list("id", "transaction_id"))
    kept = Counter(Said(START, transaction, "") for transaction in transactions.values())
    ended = sessions.exclude(ended_at=None).values_list("transaction_id", flat=True)
    kept.update(Said(STOP, transaction, "") for transaction in ended)
    readings = MeterValue.objects.filter(session__in=list(transactions), context="Sample.Periodic")
    kept.update(
        Said(READING, transactions[str(session)], clock.iso(at) or "")
        for session, at in readings.values_list("session", "at")
    )
    return kept
