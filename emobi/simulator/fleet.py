"""Many stations in one process."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emobi.simulator.access import Access
from emobi.simulator.evse import NotPossible
from emobi.simulator.makers import plan_fleet
from emobi.simulator.moments import StopReason
from emobi.simulator.plan import StationPlan
from emobi.simulator.scenarios import SCENARIOS
from emobi.simulator.station import Station

logger = logging.getLogger(__name__)

# How long the last words of a fleet may take: whoever stops it waits for it.
GOODBYE_S = 3.0

STATUS_EVERY_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetStatus:
    """How a fleet is doing.

    Attributes:
        online: Connected and accepted.
        charging: Transactions under way.
        queued: Transaction reports that wait for an answer.
        refusals: Connections refused or failed so far.
    """

    stations: int
    online: int
    charging: int
    queued: int
    refusals: int

    def __str__(self) -> str:
        return (
            f"{self.online} of {self.stations} stations online, {self.charging} transactions, "
            f"{self.queued} reports queued, {self.refusals} connections refused"
        )


class Fleet:
    """Stations that share a central system and a scenario.

    Args:
        plans: The stations.
        url: See :class:`Access`; "{identity}" is filled in for each.
        scenario: A name of ``scenarios.SCENARIOS``.
        passwords: By identity; who isn't in it connects without.
        certificates: (certificate file, key file) by identity.
        speed: See :class:`Station`.
        starts_per_s: So many stations connect in a second at first.
    """

    def __init__(
        self,
        plans: Sequence[StationPlan],
        url: str,
        *,
        scenario: str = "demo",
        passwords: Mapping[str, str | bytes] | None = None,
        certificates: Mapping[str, tuple[str, str]] | None = None,
        ca_file: str | None = None,
        speed: float = 1.0,
        starts_per_s: float = 20.0,
    ) -> None:
        self._scenario = SCENARIOS[scenario]
        self._starts_per_s = starts_per_s
        self._lives: list[asyncio.Task[None]] = []
        self._speed = speed
        self._added: dict[str, tuple[Station, asyncio.Task[None]]] = {}
        self.stations = []
        for plan in plans:
            certificate_file, key_file = (certificates or {}).get(plan.identity, (None, None))
            access = Access(
                url=url,
                password=(passwords or {}).get(plan.identity),
                ca_file=ca_file,
                certificate_file=certificate_file,
                key_file=key_file,
            )
            self.stations.append(Station(plan, access, speed=speed))

    def start(self) -> None:
        """Let the stations connect, one after the other, and lead their lives."""
        self._lives = [
            asyncio.create_task(self._live(station, number / self._starts_per_s))
            for number, station in enumerate(self.stations)
        ]

    def add(self, key: str, plan: StationPlan, access: Access) -> None:
        """Let another station connect, and lead its life, until `remove` ends it."""
        station = Station(plan, access, speed=self._speed)
        self.stations.append(station)
        self._added[key] = station, asyncio.create_task(self._live(station, 0))

    async def remove(self, key: str) -> None:
        """Cut the power of a station that was added."""
        station, life = self._added.pop(key)
        self.stations.remove(station)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_say_goodbye(station), GOODBYE_S)
        await station.power_off()

    async def stop(self) -> None:
        """Cut the power: running transactions are ended with PowerLoss as far as time allows."""
        lives = [*self._lives, *(life for _, life in self._added.values())]
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        goodbyes = asyncio.gather(*(_say_goodbye(station) for station in self.stations))
        try:
            await asyncio.wait_for(goodbyes, GOODBYE_S)
        except TimeoutError:
            logger.info("not all transactions could be ended in time")
        await asyncio.gather(*(station.power_off() for station in self.stations))

    def status(self) -> FleetStatus:
        return FleetStatus(
            stations=len(self.stations),
            online=sum(station.online for station in self.stations),
            charging=sum(len(station.evses.charging) for station in self.stations),
            queued=sum(len(station.outbox) for station in self.stations),
            refusals=sum(station.lifeline.refusals for station in self.stations),
        )

    async def _live(self, station: Station, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        station.power_on()
        await station.until_accepted()
        try:
            await self._scenario(station)
        except Exception:
            logger.exception("%s: its life ended early", station.plan.identity)


async def main(
    *,
    stations: int,
    url: str,
    scenario: str = "demo",
    speed: float = 1.0,
    passwords: Mapping[str, str | bytes] | None = None,
    certificates: Mapping[str, tuple[str, str]] | None = None,
    security_profiles: Mapping[str, int] | None = None,
    ca_file: str | None = None,
    seed: int = 0,
    prefix: str = "CP",
    operator: str = "Emobi",
    starts_per_s: float = 20.0,
    settings: Mapping[str, Mapping[str, str]] | None = None,
    beside: Callable[[Fleet], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Run a fleet until SIGINT or SIGTERM; logs how it is doing once a minute.

    ``operator`` is whose stations they say they are when they ask for a certificate; ``security_profiles``,
    by identity, which profile they say they have. ``beside`` runs as long, and may add stations and take them
    away.
    """
    profiles = security_profiles or {}
    plans = plan_fleet(stations, seed=seed, prefix=prefix, settings=settings)
    fleet = Fleet(
        [
            replace(
                plan,
                operator=operator,
                security_profile=profiles.get(plan.identity, plan.security_profile),
            )
            for plan in plans
        ],
        url,
        scenario=scenario,
        passwords=passwords,
        certificates=certificates,
        ca_file=ca_file,
        speed=speed,
        starts_per_s=starts_per_s,
    )
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    fleet.start()
    steering = asyncio.create_task(beside(fleet)) if beside else None
    try:
        while not stopped.is_set():
            try:
                async with asyncio.timeout(STATUS_EVERY_S):
                    await stopped.wait()
            except TimeoutError:
                logger.info("%s", fleet.status())
    finally:
        if steering is not None:
            steering.cancel()
            await asyncio.gather(steering, return_exceptions=True)
        await fleet.stop()


async def _say_goodbye(station: Station) -> None:
    for evse in station.evses.charging:
        try:
            await station.stop(evse.evse_id, StopReason.POWER_LOSS)
        except NotPossible as overtaken:
            logger.info("%s: %s", station.plan.identity, overtaken)
