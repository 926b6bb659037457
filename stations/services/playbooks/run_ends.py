"""How runs end, and who hears of it. Every end is a compare-and-set within the lock on the run."""

from emobi.core import clock, events, unit_of_work
from emobi.core.services import audit
from stations.models import CommandState, PlaybookRun, RunState, RunStep, Severity, StepState
from stations.services.commanding import command_ends
from stations.services.playbooks import leftovers, telling
from stations.services.playbooks.facts import goal_holds
from stations.services.playbooks.guard_rails import ACTOR

LONGEST_REASON = 300
# Ends after which only a person can help.
FOR_PEOPLE = frozenset({RunState.NOT_VERIFIED, RunState.FAILED, RunState.NEEDS_PERSON})


def actor(run: PlaybookRun) -> str:
    """Who a run is in the audit log: its playbook, and the run itself, which has the cause."""
    return f"{ACTOR}{run.playbook.slug}:{run.pk}"


def judge(run: PlaybookRun, reason: str = "") -> None:
    """End a run that has done all it could: whether it helped, its goal says."""
    if run.dry_run:
        end(run, RunState.DRY_RUN, reason)
        return
    verified = goal_holds(run)
    state = RunState.SUCCEEDED if verified else RunState.NOT_VERIFIED
    end(run, state, reason or ("" if verified else "the goal doesn't hold"), verified=verified)


def needs_person(run: PlaybookRun, why: str) -> None:
    """A guard rail ends it: only a person can do more, and hears of it."""
    if run.dry_run:
        end(run, RunState.DRY_RUN, f"would need a person: {why}")
        return
    end(run, RunState.NEEDS_PERSON, f"needs a person: {why}", verified=goal_holds(run))


def end(
    run: PlaybookRun, state: RunState, reason: str, *, verified: bool | None = None, quietly: bool = False
) -> None:
    """End it in this state, with what is under way; say so, unless ``quietly`` in its incident's timeline.

    Unless it has succeeded, its reason says what it leaves out of service, and that always reaches people.
    """
    end_step(run, reason or f"the run ended: {state.label}")
    left = "" if run.dry_run or state == RunState.SUCCEEDED else leftovers.out_of_service(run, actor(run))
    if left:
        reason = f"{reason[: max(0, LONGEST_REASON - len(left) - 2)]}; {left}" if reason else left
    run.state, run.reason, run.verified, run.ended_at = state, reason[:LONGEST_REASON], verified, clock.now()
    if left or not quietly:
        _tell_people(run, state, left_behind=bool(left))
    run.save(update_fields=["state", "reason", "verified", "ended_at", "incident_id"])
    unit_of_work.current().nudge(f"live.{run.network_id}", run.station.identity)
    if run.dry_run:
        return
    began = run.begun_at
    kind = events.PlaybookSucceeded if state == RunState.SUCCEEDED else events.PlaybookFailed
    events.record(
        run.station.subject,
        kind(
            run_id=run.pk,
            playbook=run.playbook.slug,
            version=run.version.number,
            state=state.value,
            verified=verified,
            reason=run.reason or None,
            incident_id=run.incident_id,
            duration_s=None if began is None else (run.ended_at - began).total_seconds(),
        ),
    )
    detail = {
        "run_id": run.pk,
        "state": state.value,
        "verified": verified,
        "reason": run.reason,
        "cause_event_id": run.cause_event_id,
    }
    audit.record(run.network_id, actor(run), "playbook_run.ended", run.station.identity, detail)


def _tell_people(run: PlaybookRun, state: RunState, *, left_behind: bool) -> None:
    """Whatever didn't help, or isn't as it was, reaches a person: through the incident that it is about, or
    one of its own.
    """
    if run.dry_run:
        return
    text = f"{run.playbook.name}: {state.label.lower()}{f' ({run.reason})' if run.reason else ''}"
    if state in FOR_PEOPLE or left_behind:
        run.incident_id = telling.hand_over(run, actor(run), text, Severity.MAJOR, anew=left_behind)
    else:
        telling.note(run, actor(run), text)


def belongs_to_many(run: PlaybookRun) -> bool:
    """End it if its station was lost with others at once; whether it was.

    What took all of them isn't at any of them, and is one incident. A person's own wish stands.
    """
    if run.cause_event_id is None or run.attempt > 1:
        return False
    incident = telling.lost_with_others(run)
    if incident is None:
        return False
    run.incident_id = incident.pk
    end(run, RunState.CANCELLED, f"it was lost with others: {incident.title}", quietly=True)
    return True


def end_step(run: PlaybookRun, reason: str) -> None:
    """What is under way ends with its run; a command that wasn't sent is taken back."""
    waiting = RunStep.objects.select_related("command__station").filter(run=run, state=StepState.WAITING)
    for step in waiting:
        if step.command is not None:
            command_ends.fail(step.command, CommandState.CANCELLED, f"the playbook's run ended: {reason}")
        step.state, step.message, step.ended_at = StepState.CANCELLED, reason[:500], clock.now()
        step.save(update_fields=["state", "message", "ended_at"])
