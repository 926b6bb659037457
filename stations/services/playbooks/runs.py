"""The engine: runs go on, step by step, from what their rows say.

Each step forward is one transaction that locks its run: whoever is killed in the middle leaves the run as
it was before, and whoever comes next goes on. Nothing is held while a run waits. Any number of processes
may look, at any time; one of them works, and nobody waits for it: a thousand runs, as after an outage, may
take one worker's time for a while, not that of all.
"""

import logging
import time

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from emobi.core import claims, clock, unit_of_work
from stations.models import OPEN_RUN_STATES, PlaybookRun, RunState, RunStep, StepState
from stations.services.playbooks import (
    guard_rails,
    run_ends,
    seeding,
    step_begins,
    step_looks,
    triggering,
    turns,
)

log = logging.getLogger(__name__)

SEAT = "playbooks"
# One look takes no longer, by and large; the next follows in a second.
WITHIN_S = 10.0


def advance(within_s: float = WITHIN_S) -> int:
    """The sweep: events start runs, runs get their turns and go on; how many steps were gone.

    Begins no other step after ``within_s``. Does nothing while another process is at it.
    """
    until = time.monotonic() + within_s
    gone = 0
    with claims.alone(SEAT) as mine:
        if not mine:
            return gone
        seeding.seed_new_networks()
        seeding.follow_releases()
        triggering.look()
        turns.give()
        while _go_one_step():
            gone += 1
            if time.monotonic() >= until:
                break
    return gone


def locked(run_id: str) -> PlaybookRun:
    """A run, waited for until nobody is at it."""
    return _runs().get(pk=run_id)


def _runs(*, skip_locked: bool = False) -> QuerySet[PlaybookRun]:
    return PlaybookRun.objects.select_for_update(of=("self",), skip_locked=skip_locked).select_related(
        "playbook", "version", "station", "network"
    )


def _go_one_step() -> bool:
    run_id = ""
    try:
        with unit_of_work.begin():
            due = _runs(skip_locked=True).filter(state__in=OPEN_RUN_STATES, due_at__lte=clock.now())
            run = due.exclude(state=RunState.QUEUED).order_by("due_at").first()
            if run is None:
                return False
            run_id = run.pk
            _advance(run)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:
        # Our own fault with one of them is no reason to leave the others.
        log.exception("playbook run %s can't go on", run_id)
        _give_up(run_id, fault)
    return True


def _give_up(run_id: str, fault: Exception) -> None:
    with unit_of_work.begin():
        run = locked(run_id)
        if RunState(run.state).open:
            run_ends.end(run, RunState.FAILED, f"a fault of ours: {type(fault).__name__}")


def _advance(run: PlaybookRun) -> None:
    halt = guard_rails.halted(run) or guard_rails.untouchable(run.station)
    if halt is not None:
        run_ends.end(run, RunState.CANCELLED, halt)
        return
    if run_ends.belongs_to_many(run):
        return
    row = RunStep.objects.select_related("command").filter(run=run, state=StepState.WAITING).first()
    steps = run.version.definition.steps
    if row is not None:
        step_looks.look(run, row, steps[row.index])
    elif run.state == RunState.NEEDS_APPROVAL:
        step_looks.look_unapproved(run)
    elif run.position >= len(steps):
        run_ends.judge(run)
    else:
        step_begins.begin(run, steps[run.position])
