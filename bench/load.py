"""Load from stations, closed loop or paced; a process of its own: `python -m bench.load …` prints JSON.

A line when measuring begins, once all stations are there and the warm-up is over, and one with the figures.
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import uvloop

from bench.traffic import Station
from bench.wire import Refused, Socket, connect, now, quantile

SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
# Source addresses of the loopback net, so that ten thousand sockets don't run out of ports.
ADDRESSES = 40


class Client:
    """A station on its socket: one CALL at a time, as OCPP has it."""

    def __init__(self, station: Station, number: int, port: int, password: str) -> None:
        self.station = station
        self._address = f"127.0.1.{1 + number % ADDRESSES}"
        self._port = port
        self._password = password
        self.socket: Socket
        self._answer: asyncio.Future[bytes] | None = None
        self.latencies_ms: list[float] = []

    async def open(self) -> None:
        """Connect; a 503 is taken at its word."""
        path = f"/ocpp/bench/{self.station.identity}"
        credentials = f"{self.station.identity}:{self._password}" if self._password else ""
        self.socket = await connect(
            "127.0.0.1",
            self._port,
            path,
            SUBPROTOCOLS[self.station.version],
            self._heard,
            credentials=credentials,
            local_address=self._address,
        )

    def _heard(self, text: bytes) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(text)

    async def ask(self, message: bytes) -> float:
        """Send a CALL; the milliseconds until its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        start = now()
        self.socket.send(message)
        answer = await asyncio.wait_for(self._answer, 60)
        self.station.take(answer)
        return (now() - start) * 1000


async def open_all(clients: list[Client], at_once: int = 50) -> None:
    gate = asyncio.Semaphore(at_once)

    async def one(client: Client) -> None:
        async with gate:
            await client.open()
            await client.ask(client.station.boot())

    await asyncio.gather(*(one(client) for client in clients))


async def closed_loop(clients: list[Client], seconds: float, warm_up_s: float) -> Mapping[str, Any]:
    """Each asks again as soon as it is answered."""
    begin = _begun_after(warm_up_s)
    end = begin + seconds
    latencies: list[float] = []

    async def one(client: Client) -> None:
        while now() < end:
            took = await client.ask(client.station.next())
            if now() >= begin:
                latencies.append(took)

    await asyncio.gather(*(one(client) for client in clients))
    return figures(latencies, seconds)


async def paced(clients: list[Client], seconds: float, warm_up_s: float, rate: float) -> Mapping[str, Any]:
    """``rate`` messages a second over all, at random moments; lateness of the client counts as latency."""
    begin = _begun_after(warm_up_s)
    end = begin + seconds
    latencies: list[float] = []
    gap = len(clients) / rate

    async def one(client: Client) -> None:
        due = now() + random.uniform(0, gap)
        while due < end:
            await asyncio.sleep(max(0.0, due - now()))
            await client.ask(client.station.next())
            if due >= begin:
                latencies.append((now() - due) * 1000)
            due += gap * random.uniform(0.8, 1.2)

    await asyncio.gather(*(one(client) for client in clients))
    return figures(latencies, seconds)


def _begun_after(warm_up_s: float) -> float:
    """When measuring begins, by `now`; printed then, by the monotonic clock, which all processes share."""
    say = partial(print, json.dumps({"begun": time.monotonic() + warm_up_s}), flush=True)
    asyncio.get_running_loop().call_later(warm_up_s, say)
    return now() + warm_up_s


def figures(latencies: list[float], seconds: float) -> dict[str, Any]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "messages": len(latencies),
        "per_s": round(len(latencies) / seconds, 1),
        "p50_ms": round(quantile(latencies, 0.50), 2),
        "p95_ms": round(quantile(latencies, 0.95), 2),
        "p99_ms": round(quantile(latencies, 0.99), 2),
        "client_cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
    }


async def reconnect(clients: list[Client]) -> Mapping[str, Any]:
    """All connect at one moment, and boot; who is told 503 waits as long as it is told."""
    refusals: dict[str, int] = {}
    times: list[float] = []
    start = now()

    async def one(client: Client) -> None:
        while True:
            try:
                await client.open()
                await client.ask(client.station.boot())
                times.append(now() - start)
                return
            except Refused as refusal:
                name = str(refusal.status)
                if refusal.status == 503 and not refusal.retry_after_s:
                    name += " without Retry-After"
                refusals[name] = refusals.get(name, 0) + 1
                await asyncio.sleep(max(1, refusal.retry_after_s) * random.uniform(1, 1.3))
            except OSError as error:
                name = type(error).__name__
                refusals[name] = refusals.get(name, 0) + 1
                await asyncio.sleep(random.uniform(0.5, 2))

    await asyncio.gather(*(one(client) for client in clients))
    return {
        "stations": len(clients),
        "p50_s": round(quantile(times, 0.5), 2),
        "all_s": round(max(times), 2),
        "refusals": refusals,
    }


async def main(options: argparse.Namespace) -> None:
    versions = ["1.6", "2.0.1"] if options.version == "both" else [options.version]
    clients = [
        Client(
            Station(f"B{number:05}", versions[number % len(versions)]), number, options.port, options.password
        )
        for number in range(options.stations)
    ]
    if options.mode == "reconnect":
        result = await reconnect(clients)
    else:
        await open_all(clients)
        if options.mode == "idle":
            print(json.dumps({"open": len(clients)}), flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            return
        if options.mode == "closed":
            result = await closed_loop(clients, options.seconds, options.warm_up)
        else:
            result = await paced(clients, options.seconds, options.warm_up, options.rate)
    print(json.dumps(result), flush=True)


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser()
    options.add_argument("mode", choices=["closed", "paced", "reconnect", "idle"])
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--stations", type=int, default=200)
    options.add_argument("--seconds", type=float, default=15)
    options.add_argument("--warm-up", type=float, default=5)
    options.add_argument("--rate", type=float, default=500)
    options.add_argument("--version", default="both", choices=["both", "1.6", "2.0.1"])
    options.add_argument("--password", default="")
    return options


if __name__ == "__main__":
    uvloop.run(main(parser().parse_args()))
