"""How steps end: what came of them, and where their run goes on."""

from emobi.core import clock, events, unit_of_work
from stations.models import PlaybookRun, RunState, RunStep, StepState
from stations.playbooks.steps import CONTINUE, GOTO, Severity, Step, Stop, Verdict
from stations.services.playbooks import facts, guard_rails, run_ends

LONGEST_MESSAGE = 500


def end(run: PlaybookRun, row: RunStep, step: Step, state: StepState, message: str) -> None:
    """End a step, and go on where it says; the run ends where nothing is left."""
    _close(run, row, state, message)
    flow = step.on_failure if state == StepState.FAILED else CONTINUE if _passed_by(state) else step.then
    if flow == CONTINUE:
        _go_on(run, run.position + 1)
    elif flow.startswith(GOTO):
        _go_on(run, run.version.definition.index(flow.removeprefix(GOTO)))
    elif state == StepState.FAILED and not facts.goal_holds(run):
        run_ends.end(run, RunState.FAILED, f"step {run.position + 1}: {message}", verified=False)
    else:
        run_ends.judge(run)


def stop(run: PlaybookRun, row: RunStep, step: Stop) -> None:
    """The playbook says that this is the end, and how it ended; whether it helped, the goal says."""
    noted = run.dry_run
    _close(run, row, StepState.NOTED if noted else StepState.SUCCEEDED, step.reason or step.verdict)
    if noted or step.verdict is Verdict.VERIFIED or facts.goal_holds(run):
        run_ends.judge(run, step.reason if step.verdict is Verdict.VERIFIED else "")
        return
    state = RunState.FAILED if step.verdict is Verdict.FAILED else RunState.NOT_VERIFIED
    run_ends.end(run, state, step.reason or "the goal doesn't hold", verified=False)


def stop_short(run: PlaybookRun, row: RunStep, why: str) -> None:
    """A guard rail doesn't let a step happen: the rest is for a person."""
    _close(run, row, StepState.CANCELLED, f"{guard_rails.STOPPED}{why}")
    run_ends.needs_person(run, why)


def say(run: PlaybookRun, row: RunStep) -> None:
    """Tell of a step that has ended, or that waits for a person."""
    unit_of_work.current().nudge(f"live.{run.network_id}", run.station.identity)
    if run.dry_run:
        return
    events.record(
        run.station.subject,
        events.PlaybookStep(
            run_id=run.pk,
            playbook=run.playbook.slug,
            index=row.index,
            label=row.label or None,
            do=row.do,
            attempt=row.attempt,
            state=row.state,
            message=row.message or None,
            severity=Severity(row.inputs["severity"]).value if "severity" in row.inputs else None,
            command_id=row.command_id,
            outputs=row.outputs,
        ),
    )


def _passed_by(state: StepState) -> bool:
    """A dry run sees all steps, and what was skipped says nothing of where to go."""
    return state in (StepState.SKIPPED, StepState.NOTED)


def _close(run: PlaybookRun, row: RunStep, state: StepState, message: str) -> None:
    row.state, row.message, row.ended_at = state, message[:LONGEST_MESSAGE], clock.now()
    row.save(update_fields=["state", "message", "ended_at", "outputs"])
    say(run, row)


def _go_on(run: PlaybookRun, position: int) -> None:
    """Go on there; whoever asked a person had left its room to others, and takes a turn again."""
    now = clock.now()
    if run.state == RunState.NEEDS_APPROVAL:
        run.state, run.queued_at = RunState.QUEUED, now
    else:
        run.state = RunState.RUNNING
    run.position, run.reason, run.due_at = position, "", now
    run.save(update_fields=["position", "state", "reason", "queued_at", "due_at"])
    if position >= len(run.version.definition.steps):
        run_ends.judge(run)
