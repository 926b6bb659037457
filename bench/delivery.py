"""Events on their way out: to the stream, to webhooks, past a receiver's outage and a worker's deaths."""

import argparse
import contextlib
import math
import random
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psutil
from django.db import connection

from bench import stations, surroundings
from bench.receiving import Listeners, Told
from bench.wire import quantile
from emobi.core.models import EventCounter, Network, Role
from emobi.core.services import api_keys
from webhooks.models import Endpoint
from webhooks.services import endpoints

type Figures = Mapping[str, Any]

# What the traffic of the benches makes of a message, in the mean.
EVENTS_A_MESSAGE = 1.36
# The boots of all stations at one moment are no steady load.
SETTLES_S = 8.0
# After the load everything has to arrive within this time.
ARRIVES_WITHIN_S = 60.0


def stream(options: argparse.Namespace) -> Figures:
    """500 events a second, one client of the event stream."""
    return _delivered(options, webhook=False)


def webhook(options: argparse.Namespace) -> Figures:
    """500 events a second, one webhook endpoint and one client of the event stream."""
    return _delivered(options, webhook=True)


def _delivered(options: argparse.Namespace, *, webhook: bool) -> Figures:
    network, length = stations.ensure(1000), _seconds(options, 30)
    listeners = Listeners()
    with contextlib.ExitStack() as running:
        web = surroundings.free_port()
        running.enter_context(_web(web))
        running.enter_context(surroundings.worker())
        told = {"stream": listeners.stream(web, _key(network))}
        if webhook:
            port = surroundings.free_port()
            told["webhook"] = listeners.receive(port)
            running.enter_context(_endpoint(network, port))
        load = running.enter_context(_load(network, length, events_a_s=500))
        figures = dict(load.wait())
        for name, one in told.items():
            _arrived(one, load)
            ages = one.ages(load.steady_at, load.steady_until)
            figures |= {
                f"{name}_p50_ms": round(quantile(ages, 0.5), 1),
                f"{name}_p99_ms": round(quantile(ages, 0.99), 1),
                f"{name}_lost": load.events - len(one.sequence_of),
            }
    return figures


def outage(options: argparse.Namespace) -> Figures:
    """A receiver is down for a minute, or with --whole for ten, at 200 events a second; another one isn't."""
    down_s = 600.0 if options.whole else _seconds(options, 60)
    network, listeners = stations.ensure(400), Listeners()
    down = threading.Event()
    ports = surroundings.free_port(), surroundings.free_port()
    with contextlib.ExitStack() as running:
        running.enter_context(surroundings.worker())
        other = listeners.receive(ports[0])
        failing = listeners.receive(ports[1], lambda: not down.is_set())
        for port in ports:
            running.enter_context(_endpoint(network, port))
        before_s = _seconds(options, 20)
        load = running.enter_context(_load(network, before_s + down_s, events_a_s=200))
        load.begun()
        time.sleep(before_s)
        down.set()
        down_at = time.monotonic()
        load.wait()
        down.clear()
        up_at, waiting = time.monotonic(), load.events - len(failing.sequence_of)
        _arrived(other, load)
        _arrived(failing, load, within_s=240)
    drained = [at for at in failing.arrived_at if at > up_at]
    return {
        "down_s": round(up_at - down_at),
        "waiting": waiting,
        "lost": load.events - len(failing.sequence_of),
        "out_of_order": failing.out_of_order,
        "starts_after_s": round(drained[0] - up_at, 1) if drained else None,
        "drained_per_s": round(len(drained) / max(0.001, drained[-1] - drained[0])) if drained else 0,
        "others_p99_ms_before": round(quantile(other.ages(load.steady_at, down_at), 0.99), 1),
        "others_p99_ms_meanwhile": round(quantile(other.ages(down_at, load.steady_until), 0.99), 1),
    }


def worker_kill(options: argparse.Namespace) -> Figures:
    """The worker is killed at 50 random points under load: everything arrives at least once."""
    kills = 3 if options.quick else 50
    network, listeners = stations.ensure(400), Listeners()
    port = surroundings.free_port()
    told = listeners.receive(port)
    with contextlib.ExitStack() as running:
        running.enter_context(_endpoint(network, port))
        load = running.enter_context(_load(network, kills * 6.0, events_a_s=100))
        for _ in range(kills):
            with surroundings.worker() as process:
                time.sleep(random.uniform(3, 9))
                for one in (process, *process.children(recursive=True)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        one.kill()
        running.enter_context(surroundings.worker())
        load.wait(longest_s=kills * 12.0)
        _arrived(told, load)
    return {
        "kills": kills,
        "events": load.events,
        "lost": load.events - len(told.sequence_of),
        "copies": told.copies,
        "out_of_order": told.out_of_order,
    }


class _Load:
    """Stations that talk in the background; counts what events came of it."""

    def __init__(self, network: Network, seconds: float, events_a_s: float, count: int) -> None:
        self._network = network
        self._seconds = seconds
        self._rate = events_a_s / EVENTS_A_MESSAGE
        self._count = count
        self._port = surroundings.free_port()
        self._figures: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._before = _newest(network)
        self._begun = threading.Event()
        self.steady_at = self.steady_until = math.inf

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        with surroundings.gateway(self._port):
            self._figures = surroundings.load(
                "paced", f"--port={self._port}", f"--stations={self._count}", f"--rate={self._rate}",
                f"--seconds={self._seconds}", f"--warm-up={SETTLES_S}", timeout_s=self._seconds + 180,
                begun=self._begins,
            )  # fmt: skip
        connection.close()

    def _begins(self, at: float) -> None:
        self.steady_at = at
        # Then all of them hang up at one moment, which is no steady load either.
        self.steady_until = at + self._seconds
        self._begun.set()

    def begun(self) -> None:
        """Wait until all stations are there and have settled.

        Raises:
            RuntimeError: If that takes too long.
        """
        if not self._begun.wait(120):
            raise RuntimeError("the load doesn't begin")

    def wait(self, longest_s: float = 900) -> Figures:
        """What the load client measured, when it is at its end.

        Raises:
            RuntimeError: If it has failed, or has no end.
        """
        self._thread.join(longest_s)
        if not self._figures:
            raise RuntimeError("the load has failed")
        return self._figures

    @property
    def events(self) -> int:
        """How many have been recorded since it began."""
        return _newest(self._network) - self._before


@contextlib.contextmanager
def _load(network: Network, seconds: float, *, events_a_s: float) -> Iterator[_Load]:
    load = _Load(network, seconds, events_a_s, 1000 if events_a_s > 200 else 400)
    load.start()
    yield load
    load.wait()


def _arrived(told: Told, load: _Load, within_s: float = ARRIVES_WITHIN_S) -> None:
    """Wait for all of it, or until there is no hope."""
    end = time.monotonic() + within_s
    while len(told.sequence_of) < load.events and time.monotonic() < end:
        time.sleep(0.2)


def _newest(network: Network) -> int:
    return EventCounter.objects.filter(network=network).values_list("value", flat=True).first() or 0


def _seconds(options: argparse.Namespace, full: float) -> float:
    return max(5.0, full / 10) if options.quick else full


def _key(network: Network) -> str:
    _, secret = api_keys.create(network, role=Role.VIEWER, name="bench")
    return secret


@contextlib.contextmanager
def _web(port: int) -> Iterator[None]:
    with surroundings.program(["manage.py", "web"], EMOBI_BIND=f"127.0.0.1:{port}"):
        surroundings.listens(port)
        yield


@contextlib.contextmanager
def _endpoint(network: Network, port: int) -> Iterator[None]:
    """A webhook of everything, as long as the block lasts."""
    made = endpoints.create(network, f"http://127.0.0.1:{port}/", ["*"], by="bench")
    try:
        yield
    finally:
        Endpoint.objects.filter(pk=made.pk).delete()
