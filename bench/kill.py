"""`kill -9` of a gateway under load: what it acknowledged is there, and there once, station by station."""

import argparse
import asyncio
import random
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uvloop

from bench import stations, surroundings
from bench.load import SUBPROTOCOLS
from bench.traffic import Station
from bench.wire import Refused, Socket, connect
from emobi.core import clock
from emobi.core.models import Network
from sessions.models import ChargingSession, MeterValue

STATIONS = 60
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
        self._waiting: asyncio.Future[bytes] | None = None

    async def live(self, until: asyncio.Event) -> None:
        pending = self.station.boot()
        while not until.is_set():
            try:
                socket = await self._open()
                while not until.is_set():
                    await self._ask(socket, pending)
                    pending = self.station.next()
                socket.close()
            except (OSError, Refused, ConnectionError, TimeoutError):
                await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _open(self) -> Socket:
        path = f"/ocpp/bench/{self.station.identity}"
        return await connect("127.0.0.1", self._port, path, SUBPROTOCOLS[self.station.version], self._heard)

    def _heard(self, text: bytes) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(text)

    async def _ask(self, socket: Socket, message: bytes) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        socket.send(message)
        waiting: set[asyncio.Future[Any]] = {self._waiting, socket.closed}
        done, _ = await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        if self._waiting not in done:
            raise ConnectionError("no answer")
        self.station.take(self._waiting.result())
        self._count()

    def _count(self) -> None:
        kind = _KINDS.get(str(self.station.payload.get("eventType", self.station.action)))
        if kind is not None:
            value = self.station.payload.get("meterValue", [{}])
            at = str(value[0].get("timestamp", "")) if isinstance(value, list) else ""
            self.acknowledged.append(Said(kind, self._transaction(), at if kind == READING else ""))

    def _transaction(self) -> str:
        info = self.station.payload.get("transactionInfo")
        return str(info["transactionId"] if isinstance(info, dict) else self.station.transaction)


def kill(options: argparse.Namespace) -> Mapping[str, Any]:
    """Kill a gateway at random moments; compare what each station was told with what is in the database."""
    kills = 3 if options.quick else 20
    network = stations.ensure(200)
    begin = clock.now()
    fleet = uvloop.run(_storm(kills))
    lost = duplicates = more = 0
    for stubborn in fleet:
        kept = _kept(network, stubborn.station.identity, begin)
        told = Counter(stubborn.acknowledged)
        lost += sum((told - kept).values())
        sessions = [said for said in kept.elements() if said.kind == START]
        duplicates += len(sessions) - len(set(sessions))
        # Who isn't answered says the same again: no more may be there than was acknowledged, but for the one
        # that a station had under way when the bench ended.
        unanswered = len(sessions) - sum(said.kind == START for said in told)
        more += unanswered
        duplicates += max(0, unanswered - 1)
    return {
        "kills": kills,
        "acknowledged": sum(len(stubborn.acknowledged) for stubborn in fleet),
        "lost": lost,
        "duplicate_sessions": duplicates,
        "unanswered_starts": more,
    }


async def _storm(kills: int) -> Sequence[Stubborn]:
    port = surroundings.free_port()
    fleet = [
        Stubborn(Station(f"B{number:05}", "1.6" if number % 2 else "2.0.1"), port)
        for number in range(STATIONS)
    ]
    end = asyncio.Event()
    lives: list[asyncio.Task[None]] = []
    for turn in range(kills + 1):
        with surroundings.gateway(port) as process:
            lives = lives or [asyncio.create_task(station.live(end)) for station in fleet]
            await asyncio.sleep(random.uniform(1.0, 2.5))
            if turn < kills:
                process.send_signal(signal.SIGKILL)
                continue
            await asyncio.sleep(2)
            end.set()
            await asyncio.gather(*lives)
    return fleet


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
