"""What people do about runs: start, approve, refuse, cancel, take over, try again from a step."""

from django.db import IntegrityError, transaction

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import EventCounter, Network
from emobi.core.services import audit
from stations.models import Incident, Playbook, PlaybookRun, RunState, RunStep, Station, StepState
from stations.services.playbooks import guard_rails, playbooks, run_ends, runs, step_ends, triggering

BY_HAND = "manual"


def get(network: Network, run_id: str) -> PlaybookRun:
    """A run of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = (
        PlaybookRun.objects.select_related("playbook", "version", "station", "network")
        .filter(network=network, pk=run_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such run.")
    return found


def start(
    playbook: Playbook,
    station: Station,
    *,
    by: str,
    evse_id: int | None = None,
    session_id: str | None = None,
    incident: Incident | None = None,
    address: str | None = None,
) -> PlaybookRun:
    """Start a playbook at a station by hand. Guard rails hold as ever; it needs no event, and no cool-down.

    With an ``incident`` it is about that one: knows its evidence, and writes into its timeline.

    Raises:
        Conflict: If playbooks are stopped, the station is in maintenance, the playbook is archived, or at
            work there already.
        NotFound: If it was deleted meanwhile.
    """
    why_not = guard_rails.stopped(playbook.network_id) or guard_rails.untouchable(station)
    if why_not is not None:
        raise Conflict(f"It can't start: {why_not}.")
    data: dict[str, object] = {"evse_id": evse_id, "session_id": session_id, "requested_by": by}
    if incident is not None:
        # What isn't said here, its evidence says.
        data = {name: value for name, value in data.items() if value is not None}
        data["incident_id"] = incident.pk
    cause = {
        "id": None,
        "type": BY_HAND,
        "sequence": _newest(playbook.network_id),
        "time": clock.iso(clock.now()),
        "data": data,
    }
    with unit_of_work.begin():
        # Held until the commit, so that nobody deletes it under its new run.
        found = Playbook.objects.select_for_update(no_key=True).filter(pk=playbook.pk).first()
        if found is None:
            raise NotFound(playbooks.NONE)
        playbooks.demand_in_use(found)
        try:
            with transaction.atomic():
                run = triggering.make(playbooks.version(playbook), station, cause, requested_by=by)
        except IntegrityError:
            raise Conflict(f"{playbook.name} is at work on {station.identity} already.") from None
        _audit(run, "started", by, {"version": run.version.number}, address)
    return run


def approve(
    run: PlaybookRun, *, by: str, question: str | None = None, address: str | None = None
) -> PlaybookRun:
    """Say yes to what a run asks: whether it may begin, or what one of its steps asks.

    ``question``: which was seen (`PlaybookRun.question`); None: whichever waits.

    Raises:
        Conflict: If it asks nothing now, or something else, or playbooks are stopped, or were since it
            was asked for.
    """
    with unit_of_work.begin():
        locked = _asking(run, question)
        row = _question(locked)
        locked.approved_by = by[:200]
        locked.save(update_fields=["approved_by"])
        _audit(locked, "approved", by, {"question": locked.reason}, address)
        if row is None:
            locked.state, locked.reason = RunState.QUEUED, ""
            locked.queued_at = locked.due_at = clock.now()
            locked.save(update_fields=["state", "reason", "queued_at", "due_at"])
            unit_of_work.current().nudge(f"live.{locked.network_id}", locked.station.identity)
        else:
            _answer(locked, row, StepState.SUCCEEDED, f"yes, said {by}")
    return locked


def refuse(
    run: PlaybookRun, *, by: str, reason: str = "", question: str | None = None, address: str | None = None
) -> PlaybookRun:
    """Say no to it: it doesn't begin, or its question fails. ``question`` as in `approve`.

    Raises:
        Conflict: If it asks nothing now, or something else, or playbooks are stopped, or were since it
            was asked for.
    """
    with unit_of_work.begin():
        locked = _asking(run, question)
        row = _question(locked)
        said = f"no, said {by}{f': {reason}' if reason else ''}"
        _audit(locked, "refused", by, {"question": locked.reason, "reason": reason}, address)
        if row is None:
            run_ends.end(locked, RunState.CANCELLED, said)
        else:
            _answer(locked, row, StepState.FAILED, said)
    return locked


def cancel(run: PlaybookRun, *, by: str, reason: str = "", address: str | None = None) -> PlaybookRun:
    """End a run now; a command that waits for its station is taken back.

    Raises:
        Conflict: If it has ended already.
    """
    return _stop(run, "cancelled", by, reason, address)


def take_over(run: PlaybookRun, *, by: str, reason: str = "", address: str | None = None) -> PlaybookRun:
    """End a run because a person goes on where it stands; its incident stays open.

    Raises:
        Conflict: If it has ended already.
    """
    return _stop(run, "taken over", by, reason, address)


def retry(run: PlaybookRun, *, by: str, index: int = 0, address: str | None = None) -> PlaybookRun:
    """Have a run go on from a step, as a new attempt. Guard rails hold as ever.

    What is under way ends; one that waits for its approval, or never got it, begins with nothing else.

    Raises:
        Conflict: If playbooks are stopped, or the playbook is archived, or at work there again already.
        Invalid: If there is no such step.
    """
    with unit_of_work.begin():
        locked = runs.locked(run.pk)
        asks = locked.version.definition.needs_approval and not locked.dry_run
        unapproved = asks and not locked.approved_by
        if not 0 <= index < len(locked.version.definition.steps):
            raise Invalid("There is no such step.", "index")
        playbooks.demand_in_use(locked.playbook)
        why_not = guard_rails.stopped(locked.network_id) or guard_rails.untouchable(locked.station)
        if why_not is not None:
            raise Conflict(f"It can't go on: {why_not}.")
        run_ends.end_step(locked, f"tried again from step {index + 1} by {by}")
        locked.position, locked.attempt = index, locked.attempt + 1
        locked.verified, locked.ended_at = None, None
        if not unapproved:
            locked.state, locked.reason = RunState.QUEUED, ""
        elif locked.state != RunState.NEEDS_APPROVAL:
            locked.state, locked.reason = RunState.NEEDS_APPROVAL, triggering.WAITS_FOR_APPROVAL
            locked.due_at = clock.now() + triggering.APPROVAL_WITHIN
        locked.begun_at, locked.since_sequence = None, _newest(locked.network_id)
        locked.queued_at = clock.now()
        locked.due_at = locked.due_at if unapproved else clock.now()
        try:
            with transaction.atomic():
                locked.save()
        except IntegrityError:
            raise Conflict("The playbook is at work on that station again already.") from None
        _audit(locked, "retried", by, {"index": index, "attempt": locked.attempt}, address)
        unit_of_work.current().nudge(f"live.{locked.network_id}", locked.station.identity)
    return locked


def _stop(run: PlaybookRun, how: str, by: str, reason: str, address: str | None) -> PlaybookRun:
    with unit_of_work.begin():
        locked = runs.locked(run.pk)
        if not RunState(locked.state).open:
            raise Conflict("It has ended already.")
        run_ends.end(locked, RunState.CANCELLED, f"{how} by {by}{f': {reason}' if reason else ''}")
        _audit(locked, how.replace(" ", "_"), by, {"reason": reason}, address)
    return locked


def _asking(run: PlaybookRun, question: str | None) -> PlaybookRun:
    locked = runs.locked(run.pk)
    if locked.state != RunState.NEEDS_APPROVAL:
        raise Conflict("It asks nothing now.")
    if question is not None and question != locked.question:
        raise Conflict(f"It asks something else by now: {locked.reason}")
    why_not = guard_rails.halted(locked)
    if why_not is not None:
        raise Conflict(f"It can't go on: {why_not}.")
    return locked


def _question(run: PlaybookRun) -> RunStep | None:
    return RunStep.objects.filter(run=run, state=StepState.WAITING).first()


def _answer(run: PlaybookRun, row: RunStep, state: StepState, message: str) -> None:
    step_ends.end(run, row, run.version.definition.steps[row.index], state, message)


def _newest(network_id: int) -> int:
    return EventCounter.objects.filter(network=network_id).values_list("value", flat=True).first() or 0


def _audit(run: PlaybookRun, verb: str, by: str, detail: dict[str, object], address: str | None) -> None:
    what = {"run_id": run.pk, "playbook": run.playbook.slug, **detail}
    audit.record(run.network_id, by, f"playbook_run.{verb}", run.station.identity, what, address)
