"""What has become of a step that waits: for its command's end, an event, a state, or a person."""

from datetime import timedelta
from typing import Any

from emobi.core import clock
from emobi.core.models import Event
from stations.models import CommandState, PlaybookRun, RunState, RunStep, StepState
from stations.playbooks import conditions
from stations.playbooks.steps import SendCommand, Step, Wait
from stations.services.commanding import command_ends
from stations.services.playbooks import facts, guard_rails, last_looks, run_ends, step_ends, triggering
from stations.services.playbooks.facts import OfRun
from stations.services.playbooks.step_begins import LOOK_EVERY

LOOK_AT_LEAST_EVERY = timedelta(seconds=30)
# An event is looked for among so many at once.
PORTION = 500


def look(run: PlaybookRun, row: RunStep, step: Step) -> None:
    """End the step if what it waits for has come, or comes no more; else look again later."""
    match step:
        case SendCommand():
            ended = _command(run, row, step)
        case Wait():
            ended = _wait(run, row, step)
        case _:
            ended = False
    if not ended and row.wait_until is not None and clock.now() >= row.wait_until:
        step_ends.end(run, row, step, StepState.FAILED, "not in time")
    elif not ended:
        later = clock.now() + _pause(row)
        run.due_at = later if row.wait_until is None else min(later, row.wait_until)
        run.save(update_fields=["due_at"])


def _pause(row: RunStep) -> timedelta:
    """How long until the next look: what lasts is looked at less often, for events wake runs anyway."""
    waited = clock.now() - row.begun_at
    return min(max(LOOK_EVERY, waited / 3), LOOK_AT_LEAST_EVERY)


def _command(run: PlaybookRun, row: RunStep, step: SendCommand) -> bool:
    command = row.command
    if command is None:
        step_ends.end(run, row, step, StepState.FAILED, "its command is gone")
        return True
    if command.state == CommandState.QUEUED and (needless := last_looks.needless(run, command)) is not None:
        command_ends.fail(command, CommandState.CANCELLED, needless)
        command.refresh_from_db()
    state = CommandState(command.state)
    if state.open:
        return False
    outcome: dict[str, Any] = command.outcome or {}
    row.outputs = {
        "command_id": command.pk,
        "message_id": command.message_id or None,
        "state": state.value,
        "status": outcome.get("status"),
        "reason": outcome.get("reason"),
    }
    expected = state.value in step.expect
    why = outcome.get("reason") or outcome.get("status") or ""
    if state is CommandState.CANCELLED and why.startswith(guard_rails.STOPPED):
        step_ends.stop_short(run, row, why.removeprefix(guard_rails.STOPPED))
        return True
    message = f"{command.name}: {state.value}{f' ({why})' if why else ''}"
    step_ends.end(run, row, step, StepState.SUCCEEDED if expected else StepState.FAILED, message)
    return True


def _wait(run: PlaybookRun, row: RunStep, step: Wait) -> bool:
    if step.event is None:
        if not conditions.hold(step.until or run.version.definition.goal, OfRun(run)):
            return False
        took_s = (clock.now() - row.begun_at) / timedelta(seconds=1)
        row.outputs = {"after_s": round(took_s, 1)}
        message = "the conditions hold" if step.until else "the goal holds"
        step_ends.end(run, row, step, StepState.SUCCEEDED, message)
        return True
    came = Event.objects.filter(
        network=run.network_id,
        station=run.station.identity,
        type=step.event,
        sequence__gt=row.since_sequence,
    )
    portion = list(came.order_by("sequence")[:PORTION])
    for event in portion:
        if conditions.hold(step.where, OfRun(run, {"type": event.type, "data": event.data})):
            row.outputs = {"event_id": event.pk, "sequence": str(event.sequence)}
            step_ends.end(run, row, step, StepState.SUCCEEDED, f"{event.type} came")
            return True
    if len(portion) == PORTION:
        # None of these: the next look begins after them.
        row.since_sequence = portion[-1].sequence
        row.save(update_fields=["since_sequence"])
    return False


def look_unapproved(run: PlaybookRun) -> None:
    """It begins with a person's yes; without one it never does, and not when it isn't needed any more."""
    until = run.queued_at + triggering.APPROVAL_WITHIN
    if facts.is_well_again(run):
        why = "all was well again before anybody approved it"
        run_ends.end(run, RunState.CANCELLED, why, verified=True, quietly=True)
    elif clock.now() >= until:
        run_ends.needs_person(run, "nobody approved it in time")
    else:
        run.due_at = until
        run.save(update_fields=["due_at"])
