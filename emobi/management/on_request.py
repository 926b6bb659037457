"""Lends lives to stations that somebody asked to have simulated (`stations.services.registry.simulated`)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseFailed

from emobi.core.models import Network
from emobi.simulator.access import Access
from emobi.simulator.fleet import Fleet
from emobi.simulator.makers import plan_fleet
from emobi.simulator.plan import StationPlan
from gateway.reconnecting import reconnecting
from stations.models import Station
from stations.services.registry import simulated

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

type Where = Callable[[Network], tuple[str, str | None]]
type Settings = Mapping[str, Mapping[str, str]]


async def keep_to_wishes(fleet: Fleet, where: Where, settings: Settings) -> None:
    """Look once a second who is to live, until cancelled; without a database all go on as they are."""
    living: set[str] = set()
    while True:
        try:
            wanted = await sync_to_async(reconnecting)(simulated.wanted)
        except DatabaseFailed as error:
            log.warning("simulated stations stay as they are: %s", error)
        else:
            by_key = {f"{station.network.slug}/{station.identity}": station for station in wanted}
            for key in living - by_key.keys():
                await fleet.remove(key)
            for key in by_key.keys() - living:
                fleet.add(key, plan_of(by_key[key], settings), access_of(by_key[key], where))
            living = set(by_key)
        await asyncio.sleep(LOOK_EVERY_S)


def plan_of(station: Station, settings: Settings) -> StationPlan:
    """What it is like: the first of the fleet's kinds that speaks its version."""
    version = station.allowed_versions[0] if station.allowed_versions else "1.6"
    kinds = plan_fleet(2, prefix=station.identity, settings=settings)
    kind = next(each for each in kinds if each.version == version)
    operator = station.network.organization
    return replace(kind, identity=station.identity, operator=operator)


def access_of(station: Station, where: Where) -> Access:
    """How it gets in."""
    url, ca_file = where(station.network)
    return Access(
        url=url, ca_file=ca_file, password=simulated.password_of(station.network.slug, station.identity)
    )
