"""Events start runs, exactly once each: the cursor moves in the transaction that makes the runs.

A network's events are numbered without a gap in the order of their commits, so whoever goes on from the
cursor misses none. Two who look at the same time: one of them holds the cursor, the other passes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from emobi.core import clock, ulid, unit_of_work
from emobi.core.models import Event, EventCounter
from emobi.core.walls import apart
from stations.models import (
    OPEN_RUN_STATES,
    Incident,
    Playbook,
    PlaybookControl,
    PlaybookRun,
    PlaybookVersion,
    RunState,
    Severity,
    Station,
)
from stations.playbooks import conditions
from stations.playbooks.definition import Definition
from stations.services.playbooks import facts, guard_rails, readable, run_ends, telling

# Events looked at in one transaction.
PORTION = 1000
# So many portions in one look; the next follows in a second.
AT_ONCE = 10
# What happened longer ago, while nothing of ours ran, may be well again, or known to people.
TOO_LATE = timedelta(hours=1)
# A run that needs a person's yes waits so long for it.
APPROVAL_WITHIN = timedelta(days=1)
WAITS_FOR_APPROVAL = "waits for a person's approval"

BY_EVENT = "event"


def look() -> int:
    """Look at what has happened since the last look; how many runs were made."""
    behind = PlaybookControl.objects.filter(network__event_counter__value__gt=F("cursor"))
    made = 0
    for network_id in list(behind.values_list("pk", flat=True)):
        with apart(network_id, "playbooks' triggers"):
            made += _catch_up(network_id)
    return made


def _catch_up(network_id: int) -> int:
    made = 0
    for _ in range(AT_ONCE):
        with unit_of_work.begin():
            control = (
                PlaybookControl.objects.select_for_update(skip_locked=True).filter(pk=network_id).first()
            )
            if control is None:
                return made
            newest = EventCounter.objects.values_list("value", flat=True).get(network=network_id)
            to = min(newest, control.cursor + PORTION)
            if to == control.cursor:
                return made
            made += _take(control, to)
        if to == newest:
            break
    return made


def _take(control: PlaybookControl, to: int) -> int:
    """Start what the events up to this one start, wake whom they may be about, and move the cursor."""
    happened = Event.objects.filter(
        network=control.network_id, sequence__gt=control.cursor, sequence__lte=to, station__isnull=False
    )
    of_stations = happened.values_list("station", flat=True)
    _wake(control.network_id, of_stations)
    telling.end_what_is_well(control.network_id, of_stations)
    versions = _current(control.network_id)
    made = 0
    if versions and guard_rails.stopped(control.network_id) is None:
        wanted = happened.filter(
            type__in={version.event for version in versions}, time__gt=clock.now() - TOO_LATE
        )
        made = _start(versions, list(wanted.order_by("sequence")))
    control.cursor = to
    control.save(update_fields=["cursor"])
    return made


def _wake(network_id: int, identities: Iterable[str | None]) -> None:
    wakeful = (RunState.WAITING, RunState.NEEDS_APPROVAL)
    waiting = PlaybookRun.objects.filter(network=network_id, state__in=wakeful)
    about = waiting.filter(station__identity__in=identities)
    ids = list(about.order_by("pk").values_list("pk", flat=True))
    if ids:
        PlaybookRun.objects.filter(pk__in=ids).update(due_at=clock.now())


def _current(network_id: int) -> list[PlaybookVersion]:
    """What enabled playbooks do now, those that can be read."""
    found = PlaybookVersion.objects.select_related("playbook").filter(
        playbook__network=network_id, playbook__enabled=True, number=F("playbook__current")
    )
    return [version for version in found.order_by("pk") if readable.is_readable(version)]


def _start(versions: Sequence[PlaybookVersion], happened: Sequence[Event]) -> int:
    if not happened:
        return 0
    network_id = versions[0].playbook.network_id
    stations = Station.objects.select_related("network").filter(
        network=network_id, identity__in={event.station for event in happened}
    )
    known = {station.identity: station for station in stations}
    busy = _busy(versions, list(known.values()))
    made = 0
    for event in happened:
        station = known.get(event.station or "")
        if station is None or guard_rails.untouchable(station) is not None:
            continue
        cause = as_cause(event)
        for version in versions:
            pair = (version.playbook_id, station.pk)
            if (
                pair not in busy
                and fits(version.definition, cause, station)
                and _make(version, station, cause)
            ):
                busy.add(pair)
                made += 1
    return made


def _busy(versions: Sequence[PlaybookVersion], stations: Sequence[Station]) -> set[tuple[str, int]]:
    """Which playbooks are at work on which stations, or leave them alone for a while."""
    now = clock.now()
    cooldown_s = {version.playbook_id: version.definition.guard_rails.cooldown_s for version in versions}
    longest = timedelta(seconds=max(cooldown_s.values()))
    runs = PlaybookRun.objects.filter(playbook__in=cooldown_s, station__in=stations)
    busy = set(runs.filter(state__in=OPEN_RUN_STATES).values_list("playbook", "station"))
    ended = runs.filter(ended_at__gt=now - longest).exclude(state=RunState.CANCELLED)
    for playbook_id, station_id, ended_at in ended.values_list("playbook", "station", "ended_at"):
        if ended_at is not None and now - ended_at < timedelta(seconds=cooldown_s[playbook_id]):
            busy.add((playbook_id, station_id))
    return busy


def as_cause(event: Event) -> dict[str, Any]:
    """An event as a run keeps it."""
    return {
        "id": event.pk,
        "type": event.type,
        "sequence": event.sequence,
        "time": clock.iso(event.time),
        "data": event.data,
    }


def fits(definition: Definition, cause: Mapping[str, Any], station: Station) -> bool:
    """Whether an event of this station starts it: its type, its scope, its conditions."""
    return (
        definition.trigger.event == cause["type"]
        and definition.scope.includes(site=station.site, tags=station.tags, model=station.model)
        and conditions.hold(definition.trigger.where, facts.of_event(cause, station))
    )


def _make(version: PlaybookVersion, station: Station, cause: Mapping[str, Any]) -> bool:
    try:
        with transaction.atomic():
            make(version, station, cause, requested_by=BY_EVENT)
    except IntegrityError:
        # Somebody started it by hand meanwhile.
        return False
    return True


def make(
    version: PlaybookVersion, station: Station, cause: Mapping[str, Any], *, requested_by: str
) -> PlaybookRun:
    """A run that waits for its turn, or for a person's yes first.

    Raises:
        IntegrityError: If the playbook is at work on the station already, or was started by this event.
    """
    playbook: Playbook = version.playbook
    now = clock.now()
    asks = version.definition.needs_approval and not playbook.dry_run
    incident_id = cause["data"].get("incident_id")
    if isinstance(incident_id, str):
        cause = {**cause, "data": _evidence(playbook.network_id, incident_id) | cause["data"]}
    run = PlaybookRun.objects.create(
        id=ulid.new(),
        network_id=playbook.network_id,
        playbook=playbook,
        version=version,
        station=station,
        requested_by=requested_by[:200],
        cause=dict(cause),
        cause_event_id=cause["id"],
        incident_id=incident_id if isinstance(incident_id, str) else None,
        dry_run=playbook.dry_run,
        state=RunState.NEEDS_APPROVAL if asks else RunState.QUEUED,
        reason=WAITS_FOR_APPROVAL if asks else "",
        since_sequence=cause["sequence"],
        created_at=now,
        queued_at=now,
        due_at=now + APPROVAL_WITHIN if asks else now,
    )
    if asks:
        wish = f"{playbook.name} {WAITS_FOR_APPROVAL}"
        telling.notify(run, run_ends.actor(run), wish, Severity.MAJOR, key="approval")
    unit_of_work.current().nudge(f"live.{playbook.network_id}", station.identity)
    return run


def _evidence(network_id: int, incident_id: str) -> dict[str, Any]:
    """What an incident was opened on: the session that it is about, for one."""
    found = Incident.objects.filter(network=network_id, pk=incident_id)
    evidence: dict[str, Any] | None = found.values_list("evidence", flat=True).first()
    return evidence or {}
