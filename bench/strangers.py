"""Whether the time of a refusal tells a guesser which stations there are."""

import argparse
import random
import time
from collections.abc import Mapping
from typing import Any

import uvloop

from bench import stations, surroundings
from bench.load import SUBPROTOCOLS
from bench.wire import Refused, connect, quantile
from stations.models import Station

HANDSHAKES = 50
# The first ones wait for connections to the database.
WARM_UP = 8
# Who is refused, and where its identities begin: each fails once only, so that nobody is held back.
WRONG_PASSWORD, WSS_ONLY, UNKNOWN = 0, 100, 900_000


def strangers(options: argparse.Namespace) -> Mapping[str, Any]:
    """Refuse unknown stations, wrong passwords and stations that may come by wss only, in turn."""
    port = surroundings.free_port()
    network = stations.ensure(200)
    stations.ask_for_passwords(network, 200)
    Station.objects.filter(network=network, identity__gte=_identity(WSS_ONLY)).update(security_profile=2)
    try:
        with surroundings.gateway(port):
            times = uvloop.run(_refusals(port, WARM_UP + (10 if options.quick else HANDSHAKES)))
    finally:
        stations.forget_passwords(network)
    medians = {kind: quantile(took[WARM_UP:], 0.5) for kind, took in times.items()}
    return {
        "unknown_p50_ms": round(medians[UNKNOWN], 2),
        "wrong_password_p50_ms": round(medians[WRONG_PASSWORD], 2),
        "wss_only_p50_ms": round(medians[WSS_ONLY], 2),
        "difference_ms": round(max(medians.values()) - min(medians.values()), 2),
    }


async def _refusals(port: int, turns: int) -> Mapping[int, list[float]]:
    """The milliseconds that each refusal took, by its kind."""
    times: dict[int, list[float]] = {WRONG_PASSWORD: [], WSS_ONLY: [], UNKNOWN: []}
    for turn in range(turns):
        for kind in random.sample(list(times), len(times)):
            times[kind].append(await _refusal(port, _identity(kind + turn)))
    return times


async def _refusal(port: int, identity: str) -> float:
    start = time.perf_counter()
    try:
        socket = await connect(
            "127.0.0.1",
            port,
            f"/ocpp/bench/{identity}",
            SUBPROTOCOLS["1.6"],
            lambda _: None,
            credentials=f"{identity}:wrong wrong wrong",
        )
    except Refused as refusal:
        if refusal.status == 401:
            return (time.perf_counter() - start) * 1000
        raise
    socket.close()
    raise AssertionError(f"{identity} was let in")


def _identity(number: int) -> str:
    return f"B{number:05}"
