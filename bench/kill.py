"""`kill -9` of a gateway under load: what it acknowledged is there, and there once."""

import argparse
import asyncio
import random
import signal
from collections.abc import Mapping
from typing import Any

import uvloop

from bench import stations, surroundings
from bench.load import SUBPROTOCOLS
from bench.traffic import Station
from bench.wire import Refused, Socket, connect
from emobi.core.models import Network
from sessions.models import ChargingSession, MeterValue

STATIONS = 60


class Stubborn:
    """A station that repeats what wasn't acknowledged, as OCPP has it, over any number of connections."""

    def __init__(self, station: Station, port: int) -> None:
        self.station = station
        self._port = port
        self.starts = self.stops = self.readings = 0
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
        action, payload = self.station.action, self.station.payload
        kind = payload.get("eventType")
        self.starts += action == "StartTransaction" or kind == "Started"
        self.stops += action == "StopTransaction" or kind == "Ended"
        self.readings += action == "MeterValues" or kind == "Updated"


def kill(options: argparse.Namespace) -> Mapping[str, Any]:
    """Kill a gateway at random moments; compare what stations were told with what is in the database."""
    kills = 3 if options.quick else 20
    network = stations.ensure(200)
    before = _counts(network)
    told = uvloop.run(_storm(kills))
    after = _counts(network)
    kept = {name: after[name] - before[name] for name in after}
    return {
        "kills": kills,
        "acknowledged": sum(told.values()),
        "lost": sum(max(0, told[name] - kept[name]) for name in told),
        # Who isn't answered says the same again. So no more may be kept than was acknowledged, but for what
        # each station had under way when the bench ended.
        "duplicate_sessions": max(0, kept["starts"] - told["starts"] - STATIONS),
        "unanswered_starts": kept["starts"] - told["starts"],
    }


async def _storm(kills: int) -> dict[str, int]:
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
    return {
        name: sum(getattr(station, name) for station in fleet) for name in ("starts", "stops", "readings")
    }


def _counts(network: Network) -> dict[str, int]:
    sessions = ChargingSession.objects.filter(network=network)
    return {
        "starts": sessions.count(),
        "stops": sessions.exclude(ended_at=None).count(),
        "readings": MeterValue.objects.filter(station__network=network, context="Sample.Periodic").count(),
    }
