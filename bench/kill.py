"""`kill -9` of a gateway, or of PostgreSQL, under load: what was acknowledged is there, and there once."""

import argparse
import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psutil
import uvloop
from django.db import connection

from bench import stations, stubborn, surroundings

type Killing = Callable[[stubborn.Fleet, int], Awaitable[Mapping[str, Any]]]


def kill(options: argparse.Namespace) -> Mapping[str, Any]:
    """Kill a gateway at random moments; compare what each station was told with what is in the database."""
    return _judged(options, _kill_gateways)


def kill_database(options: argparse.Namespace) -> Mapping[str, Any]:
    """The same, but it is PostgreSQL that is killed, with all its processes; the gateway lives on."""
    return _judged(options, _kill_databases)


def _judged(options: argparse.Namespace, killing: Killing) -> Mapping[str, Any]:
    kills = 3 if options.quick else 20
    network = stations.ensure(200)
    fleet, seen = uvloop.run(_storm(killing, kills))
    connection.close()  # which may have been to a server that is no more
    return {"kills": kills, **seen, **stubborn.judged(fleet, network)}


async def _storm(killing: Killing, kills: int) -> tuple[stubborn.Fleet, Mapping[str, Any]]:
    fleet = stubborn.Fleet(surroundings.free_port())
    return fleet, await killing(fleet, kills)


async def _kill_gateways(fleet: stubborn.Fleet, kills: int) -> Mapping[str, Any]:
    for turn in range(kills + 1):
        with surroundings.gateway(fleet.port) as process:
            if not turn:
                fleet.begin()
            await asyncio.sleep(random.uniform(1.0, 2.5))
            if turn < kills:
                process.send_signal(signal.SIGKILL)
            else:
                await fleet.end()
    return {}


async def _kill_databases(fleet: stubborn.Fleet, kills: int) -> Mapping[str, Any]:
    with surroundings.gateway(fleet.port) as process:
        fleet.begin()
        for _ in range(kills):
            await asyncio.sleep(random.uniform(1.0, 2.5))
            # Not in a thread of its own: the server would end with it.
            surroundings.kill_database()
            await asyncio.to_thread(surroundings.database_is_back)
        await asyncio.sleep(random.uniform(1.0, 2.5))
        await fleet.end()
        return {"same_gateway": process.is_running() and process.status() != psutil.STATUS_ZOMBIE}
