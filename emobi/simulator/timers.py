"""What a connected station does by the clock: heartbeats, pings, readings at full intervals.

Source: OCPP 1.6 sections 4.6, 9.1.5 and 9.1.34; OCPP 2.0.1 part 2, G02 and J01. Real seconds.
"""

import asyncio
from typing import TYPE_CHECKING

from emobi.simulator import charging
from emobi.simulator.link import Link
from emobi.simulator.moments import ReadingContext
from emobi.simulator.settings import Setting
from emobi.simulator.tasks import Tasks

if TYPE_CHECKING:
    from emobi.simulator.station import Station

PONG_TIMEOUT_S = 20


class Timers:
    """The timers of one station; they run while it is online."""

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._tasks = Tasks(station.plan.identity)

    def start(self, link: Link) -> None:
        """Run by the configured intervals; called again when these change."""
        self.stop()
        settings = self._station.settings
        self._tasks.start(self._beat(settings.integer(Setting.HEARTBEAT_INTERVAL_S)))
        if (ping_s := settings.integer(Setting.PING_INTERVAL_S)) > 0:
            self._tasks.start(self._ping(link, ping_s))
        if (align_s := settings.integer(Setting.ALIGNED_INTERVAL_S)) > 0:
            self._tasks.start(self._align(align_s))

    def stop(self) -> None:
        self._tasks.cancel()

    async def _beat(self, interval_s: int) -> None:
        while True:
            await asyncio.sleep(interval_s)
            await self._station.heartbeat()

    async def _ping(self, link: Link, interval_s: int) -> None:
        while True:
            await asyncio.sleep(interval_s)
            if not link.silent and not await link.ping(PONG_TIMEOUT_S) and not link.silent:
                link.reset()

    async def _align(self, interval_s: int) -> None:
        while True:
            await asyncio.sleep(interval_s - self._station.now().timestamp() % interval_s)
            for evse in self._station.evses:
                await charging.report_readings(self._station, evse, ReadingContext.CLOCK)
