"""Playbooks played through: the clock goes on, the station answers, and what came of it is read."""

from typing import Any

from emobi.core import clock, events, unit_of_work
from emobi.core.models import Network
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Connector, Playbook, PlaybookRun, RunStep, Station
from stations.services.commanding import command_ends
from stations.services.playbooks import playbooks, runs, seeding
from tests.stations.commanding import ACCEPTED, connect, send
from tests.stations.telling import NOON, after, tell_at

FAULTY = [{"fact": "evse.faulted", "value": False}]


def written(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A playbook against faults."""
    return {"trigger": {"event": "station.fault"}, "goal": FAULTY, "steps": list(steps)} | more


def make(network: Network, *steps: dict[str, Any], slug: str = "cure", **more: Any) -> Playbook:
    """Make one that is in earnest, in a network whose playbooks are its only ones."""
    Playbook.objects.filter(network=network).exclude(slug=slug).update(enabled=False)
    how = {"enabled": True, "dry_run": False} | {
        key: more.pop(key) for key in ("enabled", "dry_run") if key in more
    }
    return tell_at(NOON, playbooks.create, network, slug, written(*steps, **more), by="user:alice", **how)


def quiet(network: Network) -> None:
    """Seed the network, with nothing of it switched on."""
    seeding.seed(network)
    Playbook.objects.filter(network=network).update(enabled=False)


def break_down(
    station: Station, seconds: float = 0, *, evse_id: int = 1, code: str = "InternalError"
) -> None:
    """A fault begins."""
    with unit_of_work.begin(), clock.at(after(seconds)):
        Connector.objects.update_or_create(
            station=station, evse_id=evse_id, connector_id=1,
            defaults={"status": "Faulted", "error_code": code, "fault_id": "F", "changed_at": after(seconds),
                      "reported_at": after(seconds)},
        )  # fmt: skip
        events.record(
            station.subject,
            events.StationFault(
                received_at=after(seconds), evse_id=evse_id, connector_id=1, error_code=code,
                vendor_error_code=None, info=None, fault_id="F",
            ),
        )  # fmt: skip


def repair(station: Station, seconds: float = 0) -> None:
    """It is over."""
    Connector.objects.filter(station=station).update(status="Available", error_code="", fault_id="")
    with unit_of_work.begin(), clock.at(after(seconds)):
        events.record(
            station.subject,
            events.StationFaultCleared(
                received_at=after(seconds), evse_id=1, connector_id=1, error_code="NoError",
                vendor_error_code=None, info=None, fault_id="F",
            ),
        )  # fmt: skip


def advance(seconds: float = 0) -> int:
    """The sweep, so many seconds after noon."""
    with clock.at(after(seconds)):
        return runs.advance()


def answer(station: Station, outcome: Outcome = ACCEPTED, seconds: float = 0) -> list[Command]:
    """Have the station say what it is asked now."""
    connect(station)
    answered = []
    while sent := send(seconds=seconds):
        for command in sent:
            tell_at(after(seconds), command_ends.settle, command, outcome, raw={})
        answered += sent
    return answered


def only_run(network: Network) -> PlaybookRun:
    return PlaybookRun.objects.select_related("playbook", "version", "station", "network").get(
        network=network
    )


def how(run: PlaybookRun) -> tuple[str, str, bool | None]:
    """State, reason, verified."""
    run.refresh_from_db()
    return run.state, run.reason, run.verified


def gone(run: PlaybookRun) -> list[tuple[str, str]]:
    """Its steps, with their states."""
    steps = RunStep.objects.filter(run=run).order_by("attempt", "index")
    return [(step.label or step.do, step.state) for step in steps]


def asked(station: Station) -> list[str]:
    """Commands that were asked of a station, in order."""
    return list(Command.objects.filter(station=station).order_by("pk").values_list("name", flat=True))


def sent_resets(station: Station) -> int:
    found = Command.objects.filter(station=station, name="reset").exclude(state=CommandState.CANCELLED)
    return found.count()
