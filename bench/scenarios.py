"""The scenarios, by name. Each starts what it needs, measures, and returns what it measured."""

import argparse
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psutil
from django.db import connection

from bench import delivery, healing, kill, live, log, stalls, start, stations, surroundings
from bench.wire import quantile
from emobi.core import clock
from emobi.core.models import Event
from stations.services.log import frames

type Figures = Mapping[str, Any]


def seconds(options: argparse.Namespace, full: float) -> float:
    return max(3.0, full / 10) if options.quick else full


def ceiling(options: argparse.Namespace) -> Figures:
    """The client's own ceiling; and what the machine keeps from running, whatever runs."""
    port = surroundings.free_port()
    with surroundings.program(["-m", "bench.ceiling", str(port)]):
        surroundings.listens(port)
        figures = _closed(port, options, 10)
    return {**figures, **stalls.on_all_cores(seconds(options, 10))}


def bare(options: argparse.Namespace) -> Figures:
    """`websockets` and the `ocpp` package, which keep nothing."""
    port = surroundings.free_port()
    with surroundings.program(["-m", "bench.bare", str(port)]) as process:
        surroundings.listens(port)
        return _with_cpu(psutil.Process(process.pid), port, options, 15)


def mixed(options: argparse.Namespace) -> Figures:
    """One gateway process: schema validation, log, services, events, durable commit."""
    port = surroundings.free_port()
    stations.ensure(200)
    frames.keep_partitions(clock.now().date())
    beside = surroundings.nobody() if options.alone else surroundings.worker()
    with beside, surroundings.gateway(port) as process:
        return _with_cpu(process, port, options, 20)


def paced(options: argparse.Namespace) -> Figures:
    """500 messages a second over 1,000 stations; and how soon an event can be read."""
    port = surroundings.free_port()
    network = stations.ensure(1000)
    length = seconds(options, 30)
    with surroundings.worker(), surroundings.gateway(port) as process:
        reader, used = EventReader(network.pk, length + 120), Used(process)
        result = surroundings.load(
            "paced", f"--port={port}", "--stations=1000", "--rate=500", f"--seconds={length}", "--warm-up=5",
            timeout_s=length + 120, begun=used.from_now,
        )  # fmt: skip
        share = used.share()
        readable = reader.stop(used.since)
    return {
        **result,
        "event_p50_ms": round(quantile(readable, 0.5), 1),
        "event_p99_ms": round(quantile(readable, 0.99), 1),
        "gateway_cpu_share": round(share, 2),
    }


class Used:
    """What a process uses of the CPU from a moment on."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.from_now()

    def from_now(self, _at: float = 0) -> None:
        self.since = time.monotonic()
        self._before = self._now()

    def seconds(self) -> float:
        return self._now() - self._before

    def share(self) -> float:
        """Of one core."""
        return self.seconds() / (time.monotonic() - self.since)

    def _now(self) -> float:
        return sum(self._process.cpu_times()[:2])


class EventReader:
    """Reads "after N" all the time; the age of each event when it is first seen, by its own time."""

    def __init__(self, network_id: int, longest_s: float) -> None:
        self._network_id = network_id
        self._end = time.monotonic() + longest_s
        # When each was seen, by the monotonic clock, and its age.
        self._seen: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        last = 0
        newest = Event.objects.filter(network_id=self._network_id).order_by("-sequence").first()
        if newest is not None:
            last = newest.sequence
        while time.monotonic() < self._end:
            found = list(
                Event.objects.filter(network_id=self._network_id, sequence__gt=last)
                .order_by("sequence")
                .values_list("sequence", "time")[:500]
            )
            seen, seen_at = clock.now(), time.monotonic()
            self._seen.extend((seen_at, (seen - at).total_seconds() * 1000) for _, at in found)
            if found:
                last = found[-1][0]
            time.sleep(0.005)
        connection.close()

    def stop(self, since: float) -> list[float]:
        """The ages of those seen since this time, by the monotonic clock."""
        self._end = 0
        self._thread.join()
        return [age for at, age in self._seen if at >= since]


def idle(options: argparse.Namespace) -> Figures:
    """What an idle station costs one gateway process."""
    count = 500 if options.quick else 5000
    port = surroundings.free_port()
    stations.ensure(count)
    with surroundings.gateway(port) as process:
        before = process.memory_info().rss
        argv = ["-m", "bench.load", "idle", f"--port={port}", f"--stations={count}"]
        with surroundings.program(argv) as client:
            assert client.stdout is not None
            opened = json.loads(client.stdout.readline())["open"]
            time.sleep(5)
            cpu, start = sum(process.cpu_times()[:2]), time.monotonic()
            time.sleep(seconds(options, 40))
            share = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - start)
            grown = process.memory_info().rss - before
    return {"open": opened, "kib_each": round(grown / 1024 / count, 1), "cpu_share": round(share, 3)}


def reconnect(options: argparse.Namespace) -> Figures:
    """A fleet comes back at one moment, each with its password, to a process that knows none of them."""
    count = 200 if options.quick else 2000
    port = surroundings.free_port()
    network = stations.ensure(count)
    stations.ask_for_passwords(network, count)
    try:
        with surroundings.worker(), surroundings.gateway(port):
            return surroundings.load(
                "reconnect", f"--port={port}", f"--stations={count}", f"--password={stations.PASSWORD}"
            )
    finally:
        stations.forget_passwords(network)


def _closed(
    port: int, options: argparse.Namespace, full: float, begun: Callable[[float], object] = lambda _at: None
) -> Figures:
    length = seconds(options, full)
    return surroundings.load(
        "closed", f"--port={port}", "--stations=200", f"--seconds={length}", "--warm-up=4", begun=begun
    )


def _with_cpu(process: psutil.Process, port: int, options: argparse.Namespace, full: float) -> Figures:
    used = Used(process)
    result = _closed(port, options, full, used.from_now)
    return {**result, "server_cpu_us": round(used.seconds() / max(1, result["messages"]) * 1e6)}


ALL: Mapping[str, Callable[[argparse.Namespace], Figures]] = {
    "ceiling": ceiling,
    "bare": bare,
    "mixed": mixed,
    "paced": paced,
    "stream": delivery.stream,
    "webhook": delivery.webhook,
    "outage": delivery.outage,
    "worker-kill": delivery.worker_kill,
    "cutoff": healing.cutoff,
    "remedy": healing.remedy,
    "idle": idle,
    "reconnect": reconnect,
    "kill": kill.kill,
    "log": log.log,
    "live": live.live,
    "start": start.start,
}
