"""Lives that a station can lead; each goes on until it is cancelled.

Times are simulated seconds unless a name says otherwise. Chance comes from the station, so that the
same plan leads the same life as far as the central system lets it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from emobi.simulator.evse import Evse, NotPossible
from emobi.simulator.faults import FAULTS
from emobi.simulator.makers import UNKNOWN_TOKEN
from emobi.simulator.station import Station
from emobi.simulator.tokens import ACCEPTED, IdToken

logger = logging.getLogger(__name__)

MINUTE = 60.0

# How often a visit looks after its transaction.
GLANCE = 30.0

# A real deadline: whoever starts a demo wants to see a charging station soon.
FIRST_VISIT_REAL_S = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How drivers behave at an EVSE: ranges of seconds, chances from 0 to 1.

    Attributes:
        away: Between two visits.
        stay: How long a driver leaves the EV; on direct current at most until it is full.
        wrong_card: Chance of a card that nobody knows being tried first.
        rude: Chance of a plug being pulled without stopping first.
        pauses: Chance of the EV suspending once.
        at_once: Chance of a driver being there right at the start; at the first EVSE one always is.
    """

    away: tuple[float, float] = (2 * MINUTE, 30 * MINUTE)
    stay: tuple[float, float] = (25 * MINUTE, 150 * MINUTE)
    wrong_card: float = 0.06
    rude: float = 0.08
    pauses: float = 0.15
    at_once: float = 0.3


BUSY = Habits(
    away=(30.0, 90.0),
    stay=(20 * MINUTE, 60 * MINUTE),
    wrong_card=0.0,
    rude=0.0,
    pauses=0.0,
    at_once=1.0,
)


async def demo(station: Station) -> None:
    """What an operator sees on a good day: most stations are well, a few break down or lose their network."""
    temper = station.random.random()
    async with asyncio.TaskGroup() as tasks:
        for evse in station.evses:
            tasks.create_task(_visits(station, evse, Habits()))
        if temper < 0.15:
            tasks.create_task(_breakdowns(station, every=(30 * MINUTE, 90 * MINUTE)))
        elif temper < 0.30:
            tasks.create_task(_outages(station, every=(40 * MINUTE, 120 * MINUTE)))


async def steady(station: Station) -> None:
    """One transaction after the other on every EVSE, nothing else."""
    async with asyncio.TaskGroup() as tasks:
        for evse in station.evses:
            tasks.create_task(_visits(station, evse, BUSY))


async def faults(station: Station) -> None:
    """Drivers come, and something breaks every few minutes."""
    async with asyncio.TaskGroup() as tasks:
        for evse in station.evses:
            tasks.create_task(_visits(station, evse, BUSY))
        tasks.create_task(_breakdowns(station, every=(5 * MINUTE, 15 * MINUTE)))


async def flaky(station: Station) -> None:
    """Drivers come, and the network goes every few minutes; they charge on meanwhile."""
    async with asyncio.TaskGroup() as tasks:
        for evse in station.evses:
            tasks.create_task(_visits(station, evse, BUSY))
        tasks.create_task(_outages(station, every=(3 * MINUTE, 10 * MINUTE)))


async def idle(station: Station) -> None:
    """Nobody comes; the station only keeps its connection."""


SCENARIOS: dict[str, Callable[[Station], Awaitable[None]]] = {
    "demo": demo,
    "steady": steady,
    "faults": faults,
    "flaky": flaky,
    "idle": idle,
}


async def _visits(station: Station, evse: Evse, habits: Habits) -> None:
    station.plugs_in_after_s = GLANCE
    if evse.evse_id == 1 or station.random.random() < habits.at_once:
        await asyncio.sleep(station.random.uniform(0, FIRST_VISIT_REAL_S))
    else:
        await station.pause(station.random.uniform(*habits.away))
    while True:
        try:
            await _visit(station, evse, habits)
        except NotPossible as overtaken:
            # An operator was faster: a remote start, a stop, an EVSE taken out of service.
            logger.info("%s: %s", station.plan.identity, overtaken)
        await station.pause(station.random.uniform(*habits.away))


async def _visit(station: Station, evse: Evse, habits: Habits) -> None:
    """One driver: plug in, show a card, stay, stop, leave. Whatever is found half done is finished."""
    token = station.random.choice(station.plan.tokens or (UNKNOWN_TOKEN,))
    if evse.ev is None:
        if evse.fault is not None or evse.awaited is not None or not station.is_operative(evse):
            return
        await station.plug_in(evse.evse_id)
        await station.pause(station.random.uniform(5, GLANCE))
    if evse.session is None and not await _get_started(station, evse, token, habits):
        await _leave(station, evse)
        return
    await _stay(station, evse, habits)
    if evse.session is not None and station.random.random() >= habits.rude:
        await station.present(evse.session.token, evse.evse_id)
        await station.pause(station.random.uniform(GLANCE, 3 * MINUTE))
    await _leave(station, evse)


async def _get_started(station: Station, evse: Evse, token: IdToken, habits: Habits) -> bool:
    if station.random.random() < habits.wrong_card:
        await station.present(UNKNOWN_TOKEN, evse.evse_id)
        await station.pause(GLANCE)
    if evse.session is None and await station.present(token, evse.evse_id) != ACCEPTED:
        return False
    return evse.session is not None


async def _stay(station: Station, evse: Evse, habits: Habits) -> None:
    """Until the driver comes back, or the transaction ends without him."""
    session = evse.session
    left = station.random.uniform(*habits.stay)
    pause_at = left * station.random.uniform(0.2, 0.6) if station.random.random() < habits.pauses else 0.0
    while left > 0 and evse.session is session and evse.ev is not None:
        if evse.plan.is_dc and evse.ev.full:
            left = min(left, 5 * MINUTE)
        if left < pause_at:
            pause_at = 0.0
            await station.pause_ev(evse.evse_id)
            await station.pause(station.random.uniform(4 * MINUTE, 12 * MINUTE))
            if evse.ev is not None:
                await station.pause_ev(evse.evse_id, paused=False)
        await station.pause(GLANCE)
        left -= GLANCE


async def _leave(station: Station, evse: Evse) -> None:
    if evse.ev is not None:
        await station.unplug(evse.evse_id)


async def _breakdowns(station: Station, every: tuple[float, float]) -> None:
    """A fault every now and then, repaired after some minutes."""
    while True:
        await station.pause(station.random.uniform(*every))
        evse_id = station.random.randint(1, len(station.evses))
        await station.break_down(station.random.choice(list(FAULTS)), evse_id)
        await station.pause(station.random.uniform(2 * MINUTE, 12 * MINUTE))
        await station.repair(evse_id)


async def _outages(station: Station, every: tuple[float, float]) -> None:
    """The connection goes: for a moment, for some minutes, or without anybody being told."""
    while True:
        await station.pause(station.random.uniform(*every))
        match station.random.choice(("drop", "away", "silent")):
            case "drop":
                await station.drop()
            case "away":
                await station.stay_offline(station.random.uniform(2 * MINUTE, 10 * MINUTE))
            case "silent" if station.link is not None:
                station.go_silent()
                await station.pause(station.random.uniform(1 * MINUTE, 3 * MINUTE))
                await station.drop()
