"""What the operations side does by itself: one incident for one outage, playbooks that say what they did."""

import argparse
import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import psutil
from asgiref.sync import sync_to_async

from bench import surroundings
from bench.wire import quantile
from emobi.core.models import Network
from emobi.core.services import networks
from emobi.simulator.fleet import Fleet
from emobi.simulator.makers import plan_fleet
from emobi.simulator.plan import StationPlan
from emobi.simulator.station import Station as Simulated
from stations.models import (
    JUDGED_RUN_STATES,
    Connectivity,
    Incident,
    IncidentState,
    IncidentStation,
    Notification,
    PlaybookRun,
    RunState,
    Station,
)
from stations.services.notifications import routes
from stations.services.playbooks import seeding
from stations.services.registry import registration

type Figures = dict[str, Any]

SITES = 10
# A reset cures these, and not those; the shipped playbook takes on both.
CURABLE = ("EVCommunicationError", "InternalError")
INCURABLE = ("HighTemperature", "PowerMeterFailure", "ConnectorLockFailure", "OtherError")
# After a restart of ours nothing may be taken for an outage; that long it is looked out for.
WATCHED_S = 120.0
CUT_OFF = 0.3
# The playbook's longest way is nine minutes; a twentieth of the fleet is worked on at once.
LONGEST_RUNS_S = 1500.0


def cutoff(options: argparse.Namespace) -> Figures:
    """Every process of ours starts anew; then three sites of ten are cut off at once, and come back."""
    count = 200 if options.quick else 1000
    network, plans = _network("cutoff", count)
    return asyncio.run(_cutoff(network, plans, 20.0 if options.quick else WATCHED_S))


async def _cutoff(network: Network, plans: Sequence[StationPlan], watched_s: float) -> Figures:
    async with _running(network, plans) as (fleet, ours):
        for name in _Ours.NAMES:
            await ours.stop(name)
            await ours.start(name)
            await _until(lambda: _online(network) == len(plans), 180)
        await ours.kill("gateway")
        await ours.start("gateway")
        await _until(lambda: _online(network) == len(plans), 180)
        await asyncio.sleep(watched_s)
        alarms = await _ask(lambda: Incident.objects.filter(network=network).count())
        lost = fleet.stations[: round(CUT_OFF * len(plans))]
        begin = time.monotonic()
        # Half of them are seen to go; the others say nothing more, and no pings are answered.
        await asyncio.gather(*(station.cut() for station in lost[::2]))
        for station in lost[1::2]:
            station.go_silent()
        first_s = await _until(lambda: _affected(network) > 0, 180) - begin
        whole_s = await _until(lambda: _affected(network) == len(lost), 180) - begin
        await asyncio.sleep(watched_s / 4)
        opened = await _ask(lambda: Incident.objects.filter(network=network).count()) - alarms
        back = time.monotonic()
        await asyncio.gather(*(station.cut() for station in lost[1::2]))
        for station in lost:
            station.mend()
        resolved_s = await _until(lambda: _open(network) == 0, 300) - back
        await asyncio.sleep(watched_s / 4)
        return {
            "stations": len(plans),
            "false_alarms_of_restarts": alarms,
            "cut_off": len(lost),
            "incidents": opened,
            "first_s": round(first_s, 1),
            "whole_s": round(whole_s, 1),
            "resolved_after_s": round(resolved_s, 1),
            "opened_again": await _ask(lambda: Incident.objects.filter(network=network).count())
            - alarms
            - opened,
        }


def remedy(options: argparse.Namespace) -> Figures:
    """Faults at a twentieth of a fleet, some of which a reset cures: what becomes of them."""
    count = 100 if options.quick else 1000
    network, plans = _network("remedy", count)
    seeding.seed(network)
    seeding.enable_in_earnest(network)
    routes.create(network, {"name": "duty", "recipients": ["duty@example.com"]}, by="bench")
    return asyncio.run(_remedy(network, plans))


async def _remedy(network: Network, plans: Sequence[StationPlan]) -> Figures:
    async with _running(network, plans) as (fleet, _):
        broken = fleet.stations[::20]
        incurable, curable = broken[::5], [each for number, each in enumerate(broken) if number % 5]
        begin = time.monotonic()
        for codes, stations in ((CURABLE, curable), (INCURABLE, incurable)):
            for number, station in enumerate(stations):
                await station.break_down(codes[number % len(codes)], 1)
        await _until(lambda: len(_runs(network, JUDGED_RUN_STATES)) == len(broken), LONGEST_RUNS_S)
        lasted = time.monotonic() - begin
        figures = await _ask(lambda: _judged(network, curable, incurable))
        return {"stations": len(plans), "broken": len(broken), **figures, "lasted_s": round(lasted)}


def _judged(network: Network, curable: Sequence[Simulated], incurable: Sequence[Simulated]) -> Figures:
    """What the runs say, beside what is the case at the stations."""
    runs = {run.station.identity: run for run in _runs(network, JUDGED_RUN_STATES)}
    cured = [each for each in curable if runs[each.plan.identity].state == RunState.SUCCEEDED]
    untrue = [
        each.plan.identity
        for each in (*curable, *incurable)
        if bool(runs[each.plan.identity].verified) is not _is_well(each)
    ]
    for_people = {
        run.pk
        for run in runs.values()
        if Notification.objects.filter(network=network, cause=f"playbook_run:{run.pk}").exists()
    }
    ends = Counter(runs[each.plan.identity].state for each in incurable)
    took = [
        (run.ended_at - run.created_at).total_seconds()
        for run in runs.values()
        if run.ended_at is not None and run.state == RunState.SUCCEEDED
    ]
    return {
        "curable": len(curable),
        "cured_share": round(len(cured) / len(curable), 3),
        "cured_p50_s": round(quantile(took, 0.5)) if took else None,
        "untrue": len(untrue),
        "incurable_not_verified": f"{ends[RunState.NOT_VERIFIED]} of {len(incurable)}",
        "of_these_told_to_people": sum(runs[each.plan.identity].pk in for_people for each in incurable),
    }


def _is_well(station: Simulated) -> bool:
    return station.online and station.evse(1).fault is None


def _runs(network: Network, states: Sequence[str]) -> list[PlaybookRun]:
    found = PlaybookRun.objects.filter(network=network, playbook__slug="clear-fault", state__in=states)
    return list(found.select_related("station"))


def _network(slug: str, count: int) -> tuple[Network, Sequence[StationPlan]]:
    """A network of its own, its stations without passwords, at ten sites one after the other."""
    network = networks.create(slug, security_profile=0)
    plans = plan_fleet(count, prefix=f"{slug.upper()}-")
    for number, plan in enumerate(plans):
        site = f"Depot {number * SITES // count + 1}"
        registration.register(network, plan.identity, security_profile=0, by="bench", site=site)
    return network, plans


def _online(network: Network) -> int:
    return Station.objects.filter(network=network, connectivity=Connectivity.ONLINE).count()


def _affected(network: Network) -> int:
    """How many stations have an incident that isn't over."""
    rows = IncidentStation.objects.filter(incident__network=network, recovered_at=None)
    return rows.exclude(incident__state=IncidentState.RESOLVED).values("station").distinct().count()


def _open(network: Network) -> int:
    return Incident.objects.filter(network=network).exclude(state=IncidentState.RESOLVED).count()


async def _ask[Answer](question: Callable[[], Answer]) -> Answer:
    return await sync_to_async(question)()


async def _until(holds: Callable[[], bool], longest_s: float) -> float:
    """Wait; when it first held, by the monotonic clock.

    Raises:
        TimeoutError: If it never does.
    """
    end = time.monotonic() + longest_s
    while time.monotonic() < end:
        if await _ask(holds):
            return time.monotonic()
        await asyncio.sleep(0.25)
    raise TimeoutError(f"it took more than {longest_s:.0f} s")


@contextlib.asynccontextmanager
async def _running(network: Network, plans: Sequence[StationPlan]) -> AsyncIterator[tuple[Fleet, "_Ours"]]:
    """The stations, all online at our own processes."""
    port = surroundings.free_port()
    fleet = Fleet(plans, f"ws://127.0.0.1:{port}/ocpp/{network.slug}", scenario="idle", starts_per_s=50)
    ours = _Ours(port)
    try:
        await ours.start(*_Ours.NAMES)
        fleet.start()
        await _until(lambda: _online(network) == len(plans), 180)
        yield fleet, ours
    finally:
        await fleet.stop()
        await ours.stop(*_Ours.NAMES)


class _Ours:
    """Our own processes, each of which can be stopped, killed and started again."""

    NAMES = ("gateway", "worker", "beat")

    def __init__(self, port: int) -> None:
        self._port = port
        self._running: dict[str, contextlib.ExitStack] = {}
        self._processes: dict[str, psutil.Process] = {}

    async def start(self, *names: str) -> None:
        for name in names:
            await asyncio.to_thread(self._start, name)

    def _start(self, name: str) -> None:
        stack = contextlib.ExitStack()
        if name == "gateway":
            process = stack.enter_context(surroundings.gateway(self._port))
        else:
            argv = surroundings.argv_of(name)
            process = psutil.Process(stack.enter_context(surroundings.program(argv, EMOBI_PROCESS=name)).pid)
        self._running[name], self._processes[name] = stack, process

    async def stop(self, *names: str) -> None:
        for name in names:
            if name in self._running:
                await asyncio.to_thread(self._running.pop(name).close)

    async def kill(self, name: str) -> None:
        for process in (self._processes[name], *self._processes[name].children(recursive=True)):
            process.kill()
        await self.stop(name)
