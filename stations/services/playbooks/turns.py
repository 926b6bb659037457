"""Whose turn it is: runs begin as far as the guard rails leave room, the oldest first.

    queued ── turn ──► running        needs_approval ── a person's answer ──► queued

While a run waits for an answer it keeps its station, but none of the room; after it, it takes a turn again.

One look at a network at a time: it holds its row of `PlaybookControl`, so that two never see the same room.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from emobi.core import clock, events, unit_of_work
from emobi.core.services import audit
from emobi.core.walls import apart
from stations.models import OPEN_RUN_STATES, PlaybookControl, PlaybookRun, RunState
from stations.services.playbooks import facts, guard_rails, readable, run_ends

# Nobody waits for ever for a turn: what was ill so long needs a person.
LONGEST_WAIT = timedelta(hours=1)
# One look gives so many turns; the next follows in a second.
AT_ONCE = 100
LOOK_EVERY = timedelta(seconds=1)


def give() -> int:
    """Give the turns that are free; how many runs began, or ended because they need none any more."""
    waiting = PlaybookRun.objects.filter(state=RunState.QUEUED, due_at__lte=clock.now())
    networks = waiting.order_by("network").values_list("network", flat=True).distinct()
    given = 0
    for network_id in list(networks):
        with apart(network_id, "playbooks' turns"):
            given += _give(network_id)
    return given


def _give(network_id: int) -> int:
    with unit_of_work.begin():
        control = (
            PlaybookControl.objects.select_for_update(skip_locked=True).filter(network=network_id).first()
        )
        if control is None:
            return 0
        room = guard_rails.room(network_id) - guard_rails.at_work(network_id)
        looked_at, postponed = _next(network_id), []
        for run in looked_at:
            if not readable.is_readable(run.version):
                run_ends.end(run, RunState.FAILED, readable.WHY_NOT)
                continue
            if _is_over(run):
                continue
            if run.dry_run or (room > 0 and _playbook_has_room(run)):
                room -= not run.dry_run
                _begin(run)
            else:
                postponed.append(run.pk)
        PlaybookRun.objects.filter(pk__in=postponed).update(
            due_at=clock.now() + LOOK_EVERY,
            reason="waits for its turn: as many stations are being worked on as may be at once",
        )
    return len(looked_at) - len(postponed)


def _next(network_id: int) -> list[PlaybookRun]:
    """Those whose stations nobody else works on, one a station."""
    begun = PlaybookRun.objects.filter(
        station=OuterRef("station"), state__in=OPEN_RUN_STATES, begun_at__isnull=False
    )
    busy = begun.exclude(pk=OuterRef("pk"))
    queued = (
        PlaybookRun.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("playbook", "version", "station", "network")
        .filter(network=network_id, state=RunState.QUEUED, due_at__lte=clock.now())
        .exclude(Exists(busy))
        .order_by("queued_at", "pk")[:AT_ONCE]
    )
    first: dict[int, PlaybookRun] = {}
    for run in queued:
        first.setdefault(run.station_id, run)
    return list(first.values())


def _is_over(run: PlaybookRun) -> bool:
    """Whether it ends before its turn: stopped, well again, one of many, or too late.

    A person's own wish stands.
    """
    halt = guard_rails.halted(run) or guard_rails.untouchable(run.station)
    if halt is not None:
        run_ends.end(run, RunState.CANCELLED, halt)
    elif run.begun_at is None and facts.is_well_again(run):
        why = "all was well again before its turn"
        run_ends.end(run, RunState.CANCELLED, why, verified=True, quietly=True)
    elif run_ends.belongs_to_many(run):
        pass
    elif clock.now() - run.queued_at > LONGEST_WAIT:
        run_ends.needs_person(run, "no turn for it in an hour: too many stations are ill at once")
    else:
        return False
    return True


def _playbook_has_room(run: PlaybookRun) -> bool:
    percent = run.version.definition.guard_rails.share_percent
    at_work = guard_rails.at_work(run.network_id, run.playbook_id)
    return at_work < guard_rails.share(run.network_id, percent)


def _begin(run: PlaybookRun) -> None:
    now, goes_on = clock.now(), run.begun_at is not None
    run.state, run.reason, run.begun_at, run.due_at = RunState.RUNNING, "", run.begun_at or now, now
    run.save(update_fields=["state", "reason", "begun_at", "due_at"])
    if goes_on:
        return
    detail = {
        "run_id": run.pk,
        "version": run.version.number,
        "cause": {key: run.cause.get(key) for key in ("id", "type", "sequence")},
        "dry_run": run.dry_run,
        "attempt": run.attempt,
        "requested_by": run.requested_by,
    }
    audit.record(run.network_id, run_ends.actor(run), "playbook_run.begun", run.station.identity, detail)
    if run.dry_run:
        return
    events.record(
        run.station.subject,
        events.PlaybookStarted(
            run_id=run.pk,
            playbook=run.playbook.slug,
            version=run.version.number,
            cause_type=run.cause["type"],
            cause_event_id=run.cause_event_id,
            incident_id=run.incident_id,
            requested_by=run.requested_by,
        ),
    )
