import pytest
import pytest_asyncio

from emobi.simulator.access import Access
from emobi.simulator.plan import Backoff, EvsePlan, StationPlan
from emobi.simulator.station import Station
from tests.simulator.central_system import PATIENCE_S, CentralSystem


@pytest_asyncio.fixture
async def central():
    system = CentralSystem()
    await system.start()
    yield system
    await system.stop()
    assert system.faults == []


@pytest.fixture
def plan():
    """Make the plan of ``alpha``, a station with two EVSEs that waits for nothing."""

    def make(version="1.6", **changes):
        settings = {
            "1.6": {"MeterValueSampleInterval": "0"},
            "2.0.1": {"SampledDataCtrlr.TxUpdatedInterval": "0"},
        }[version]
        defaults = {
            "identity": "CP001",
            "version": version,
            "evses": (EvsePlan(), EvsePlan(connector="cCCS2", max_w=60_000, phases=0)),
            "backoff": Backoff(wait_minimum_s=0, random_range_s=0, repeat_times=0),
            "reboot_s": 0.0,
            "seed": 7,
        }
        given = changes.pop("settings", {})
        return StationPlan(**{**defaults, "settings": {**settings, **given}, **changes})

    return make


@pytest_asyncio.fixture
async def make_station(central, plan):
    """Make stations that know the way to ``central``, and power them off afterwards."""
    made = []

    def make(version="1.6", *, speed=1.0, access=None, call_timeout_s=PATIENCE_S, **changes):
        station = Station(
            plan(version, **changes),
            access or Access(url=central.url),
            speed=speed,
            record=1000,
            call_timeout_s=call_timeout_s,
        )
        made.append(station)
        return station

    yield make
    for station in made:
        await station.power_off()


@pytest_asyncio.fixture
async def booted(central, make_station):
    """Make a station and let it connect and boot."""

    async def make(version="1.6", **options):
        station = make_station(version, **options)
        await station.connect()
        await station.boot()
        return station

    return make
