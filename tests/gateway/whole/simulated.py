"""Simulated stations that live beside the test, on an event loop of their own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self

from emobi.simulator.access import Access
from emobi.simulator.plan import Backoff, EvsePlan, StationPlan, Version
from emobi.simulator.station import Station
from tests.gateway.listener_process import PATIENCE_S
from tests.gateway.whole.known import Known

# Metering by the clock would go on while a test looks; it asks for what it wants.
SETTINGS = {
    "1.6": {"MeterValueSampleInterval": "0"},
    "2.0.1": {"SampledDataCtrlr.TxUpdatedInterval": "0"},
}


class Background:
    """An event loop in a thread, while the context lasts."""

    def __enter__(self) -> Self:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="background")
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def run[R](self, work: Coroutine[Any, Any, R], timeout_s: float = PATIENCE_S) -> R:
        """Wait for what is done there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)


class Simulated:
    """A simulated station that is registered; it comes back at once when it loses its connection.

    Attributes:
        station: To be touched on the background loop only, but for reading.
    """

    def __init__(self, background: Background, known: Known, url: str, version: Version, **plan: Any) -> None:
        self.background = background
        self.known = known
        self.station: Station = background.run(self._make(url, version, plan))

    async def _make(self, url: str, version: Version, plan: dict[str, Any]) -> Station:
        given = {
            "identity": self.known.station.identity,
            "version": version,
            "evses": (EvsePlan(meter_wh=1000), EvsePlan(meter_wh=2000)),
            "settings": SETTINGS[version],
            "backoff": Backoff(wait_minimum_s=0, random_range_s=1, repeat_times=0),
            "reboot_s": 0.0,
            **plan,
        }
        access = Access(
            url=f"{url}/ocpp/{self.known.station.network.slug}/{{identity}}", password=self.known.password
        )
        return Station(StationPlan(**given), access, record=1000, call_timeout_s=PATIENCE_S)

    def live(self) -> None:
        """Connect, boot, and come back whenever the connection is lost."""
        self.background.loop.call_soon_threadsafe(self.station.power_on)
        self.do(self.station.until_accepted())

    def do[R](self, work: Coroutine[Any, Any, R]) -> R:
        return self.background.run(work)

    def end(self) -> None:
        self.do(self.station.power_off())
