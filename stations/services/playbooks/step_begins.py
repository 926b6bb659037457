"""How each kind of step begins. What a step asks for is written with its row, in one transaction."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emobi.core import clock
from emobi.core.errors import Refused
from emobi.core.models import EventCounter, Role
from stations import masking
from stations.models import PlaybookRun, RunState, RunStep, Severity, StepState
from stations.playbooks import conditions
from stations.playbooks.steps import (
    Ask,
    Check,
    CloseIncident,
    Notify,
    OpenIncident,
    SendCommand,
    Step,
    Wait,
)
from stations.services.commanding import commands
from stations.services.playbooks import guard_rails, run_ends, step_ends, telling
from stations.services.playbooks.facts import OfRun

# Who waits is looked at so often even if nothing wakes it; the kill switch is seen within that time.
LOOK_EVERY = timedelta(seconds=3)


def begin(run: PlaybookRun, step: Step) -> None:
    """Do a step, or begin to wait for it. A guard rail may end the run instead."""
    facts = OfRun(run)
    if not conditions.hold(step.when, facts):
        step_ends.end(run, _row(run, step), step, StepState.SKIPPED, "its conditions don't hold")
        return
    match step:
        case SendCommand():
            _send(run, step, facts)
        case Wait():
            _wait(run, step)
        case Check():
            holds = conditions.hold(step.that or run.version.definition.goal, facts)
            state = StepState.SUCCEEDED if holds else StepState.FAILED
            state = StepState.NOTED if run.dry_run else state
            message = "the conditions hold" if holds else "the conditions don't hold"
            step_ends.end(run, _row(run, step), step, state, message)
        case Ask():
            _ask(run, step)
        case Notify():
            _tell(run, step)
        case OpenIncident():
            _open(run, step)
        case CloseIncident():
            _close(run, step)
        case _:
            row = _row(run, step, {"verdict": step.verdict, "reason": step.reason})
            step_ends.stop(run, row, step)


def _row(run: PlaybookRun, step: Step, inputs: Mapping[str, Any] | None = None) -> RunStep:
    """The step's row. It exists once for an attempt: whoever is second fails, and changes nothing."""
    sequence = EventCounter.objects.filter(network=run.network_id).values_list("value", flat=True).first()
    return RunStep.objects.create(
        run=run,
        index=run.position,
        attempt=run.attempt,
        do=step.do,
        label=step.label or "",
        inputs=dict(inputs or {}),
        since_sequence=sequence or 0,
        begun_at=clock.now(),
    )


def _send(run: PlaybookRun, step: SendCommand, facts: OfRun) -> None:
    params = conditions.filled(dict(step.params), facts)
    why_not = guard_rails.refusal(run, run.version.definition.guard_rails, step.command, params)
    inputs = {"command": step.command, "params": masking.value(params)}
    if run.dry_run:
        message = f"would be stopped by a guard rail: {why_not}" if why_not else "would be sent"
        step_ends.end(run, _row(run, step, inputs), step, StepState.NOTED, message)
        return
    row = _row(run, step, inputs)
    if why_not is not None:
        step_ends.stop_short(run, row, why_not)
        return
    try:
        row.command = commands.request(
            run.network,
            run.station,
            step.command,
            params,
            requested_by=run_ends.actor(run),
            role=Role.ADMIN,
            expires_in_s=step.expires_in_s,
            idempotency_key=f"playbook-run:{run.pk}:{row.index}:{row.attempt}",
        )
    except Refused as refusal:
        step_ends.end(run, row, step, StepState.FAILED, str(refusal))
        return
    row.outputs = {"command_id": row.command.pk}
    row.save(update_fields=["command", "outputs"])
    _linger(run, RunState.WAITING, f"waits for the end of {step.command}")


def _wait(run: PlaybookRun, step: Wait) -> None:
    until = clock.now() + timedelta(seconds=step.timeout_s)
    inputs: dict[str, Any] = {"timeout_s": step.timeout_s, "for": step.event or "state"}
    if run.dry_run:
        step_ends.end(run, _row(run, step, inputs), step, StepState.NOTED, "would wait")
        return
    row = _row(run, step, inputs)
    row.wait_until = until
    row.since_sequence = _since_last_command(run, row)
    row.save(update_fields=["wait_until", "since_sequence"])
    what = step.event or ("conditions" if step.until else "the goal")
    _linger(run, RunState.WAITING, f"waits for {what}", at_once=True)


def _since_last_command(run: PlaybookRun, row: RunStep) -> int:
    """What came after the last command was asked for is its effect, even before the wait began."""
    sent = RunStep.objects.filter(run=run, attempt=run.attempt, command__isnull=False, index__lt=row.index)
    last = sent.order_by("-index").values_list("since_sequence", flat=True).first()
    return row.since_sequence if last is None else last


def _ask(run: PlaybookRun, step: Ask) -> None:
    inputs = {"text": step.text, "timeout_s": step.timeout_s}
    if run.dry_run:
        step_ends.end(run, _row(run, step, inputs), step, StepState.NOTED, "would ask a person")
        return
    row = _row(run, step, inputs)
    row.wait_until = clock.now() + timedelta(seconds=step.timeout_s)
    row.message = step.text
    row.save(update_fields=["wait_until", "message"])
    step_ends.say(run, row)
    asks = f"{run.playbook.name} asks: {step.text}"
    telling.notify(run, run_ends.actor(run), asks, Severity.MAJOR, key=f"{row.index}:{row.attempt}")
    _linger(run, RunState.NEEDS_APPROVAL, step.text)


def _tell(run: PlaybookRun, step: Notify) -> None:
    row = _row(run, step, {"text": step.text, "severity": step.severity})
    if run.dry_run:
        step_ends.end(run, row, step, StepState.NOTED, "would tell people")
        return
    told = telling.notify(
        run,
        run_ends.actor(run),
        step.text,
        Severity(step.severity.value),
        key=f"{row.index}:{row.attempt}",
    )
    row.outputs = {"recipients": told}
    step_ends.end(run, row, step, StepState.SUCCEEDED, step.text)


def _open(run: PlaybookRun, step: OpenIncident) -> None:
    row = _row(run, step, {"text": step.text, "severity": step.severity})
    if run.dry_run:
        step_ends.end(run, row, step, StepState.NOTED, "would open an incident")
        return
    run.incident_id = telling.open_incident(
        run, run_ends.actor(run), step.text, Severity(step.severity.value)
    )
    run.save(update_fields=["incident_id"])
    row.outputs = {"incident_id": run.incident_id}
    step_ends.end(run, row, step, StepState.SUCCEEDED, step.text)


def _close(run: PlaybookRun, step: CloseIncident) -> None:
    row = _row(run, step)
    if run.dry_run:
        step_ends.end(run, row, step, StepState.NOTED, "would close the incident")
        return
    closed = telling.close_incident(run, run_ends.actor(run), run.playbook.name)
    row.outputs = {"incident_id": run.incident_id}
    message = "closed" if closed else "there is no open incident"
    step_ends.end(run, row, step, StepState.SUCCEEDED, message)


def _linger(run: PlaybookRun, state: RunState, reason: str, *, at_once: bool = False) -> None:
    run.state, run.reason = state, reason[: run_ends.LONGEST_REASON]
    run.due_at = clock.now() + (timedelta(0) if at_once else LOOK_EVERY)
    run.save(update_fields=["state", "reason", "due_at"])
