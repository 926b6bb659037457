"""How runs reach people: an incident about their station, notes in its timeline, notifications."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from emobi.core import clock
from emobi.core.walls import apart
from stations import incidents, notifications
from stations.models import (
    Incident,
    IncidentKind,
    IncidentState,
    IncidentStation,
    NotificationRoute,
    PlaybookRun,
    RunState,
    RunStep,
    Severity,
    StepState,
)
from stations.services.incidents import handling, opening, signals
from stations.services.incidents.opening import Affected, Finding
from stations.services.notifications import telling as notifying
from stations.services.playbooks import facts
from stations.services.playbooks.facts import OfRun
from stations.services.playbooks.guard_rails import ACTOR


def open_incident(run: PlaybookRun, by: str, text: str, severity: Severity) -> str:
    """Open an incident about the run's station, or join the one that it is about already; its id.

    An incident that a rule has opened gets the text as a note: one cause, one incident. It is as bad as
    ``severity`` from then on, if it wasn't worse, and whoever hears of that is told.
    """
    known = _unresolved(run)
    if known is not None:
        joined = handling.note(known, text, by=by)
        if joined.state != IncidentState.RESOLVED:
            opening.escalate(joined, severity, by)
        return joined.pk
    evse_id = run.cause["data"].get("evse_id")
    finding = Finding(
        kind=IncidentKind.OTHER,
        key=f"playbook:{run.playbook.slug}:{run.station_id}",
        severity=severity,
        title=f"{run.playbook.name}: {run.station.identity} needs a person",
        summary=text,
        evidence={"run_id": run.pk, "playbook": run.playbook.slug, "cause": run.cause.get("type")},
        affected=[
            Affected(
                station=run.station,
                since=clock.now(),
                evse_id=evse_id if isinstance(evse_id, int) and evse_id > 0 else None,
            )
        ],
    )
    return opening.open_or_join(run.network, finding, by=by).pk


def close_incident(run: PlaybookRun, by: str, text: str) -> bool:
    """Resolve the incident that the run is about; False if none is open, or none of what is ill is the run's.

    Of one that takes others, too, or is about something else as well, only the run's station is well; and of
    the station only the EVSE, where the run is about one.
    """
    known = _unresolved(run)
    if known is None:
        return False
    ill = known.affected.filter(recovered_at=None)
    well = _of_run(run, ill)
    if ill.exclude(pk__in=[row.pk for row in well]).exists() or incidents.other_causes(known).exists():
        opening.recover(well, by=by, why=text)
        return bool(well)
    handling.resolve(known, by=by, note=text)
    return True


def _of_run(run: PlaybookRun, ill: QuerySet[IncidentStation]) -> list[IncidentStation]:
    """Of what is ill what the run is about: its EVSE if that is known to be, else its station."""
    of_station = list(ill.filter(station=run.station))
    evse_id = OfRun(run).evse_id
    if evse_id is None:
        return of_station
    of_evse = [row for row in of_station if row.evse_id == evse_id]
    return of_evse or [row for row in of_station if row.evse_id is None]


def notify(run: PlaybookRun, by: str, text: str, severity: Severity, key: str) -> int:
    """Tell people along the network's routes, and in the incident's timeline; how many are told.

    ``key`` makes it once: the step that says it.
    """
    note(run, by, text)
    return _along_routes(run, text, severity, key)


def hand_over(run: PlaybookRun, by: str, text: str, severity: Severity, *, anew: bool = False) -> str:
    """What didn't help is for people from now on; the id of the incident that says so.

    Who was told of that incident when it was opened hears of this, too, unless a step of the run has said it;
    with ``anew`` none has.
    It is as bad as it was: a run that hasn't helped makes nothing worse.
    """
    known = _unresolved(run)
    if known is None:
        return open_incident(run, by, text, severity)
    handling.note(known, text, by=by)
    said = RunStep.objects.filter(run=run, attempt=run.attempt, do="notify", state=StepState.SUCCEEDED)
    if anew or not said.exists():
        _along_routes(run, text, severity, f"end:{run.attempt}")
    return known.pk


def _along_routes(run: PlaybookRun, text: str, severity: Severity, key: str) -> int:
    data = {"severity": severity.value, "kind": IncidentKind.OTHER.value}
    sites, tags = {run.station.site} - {""}, set(run.station.tags)
    routes = NotificationRoute.objects.filter(network=run.network_id, enabled=True).order_by("pk")
    return sum(
        notifying.tell(
            run.network,
            f"[{severity.value}] {run.station.identity}: {text}",
            f"{text}\n\nSaid by the playbook {run.playbook.name}.",
            cause=f"playbook_run:{run.pk}",
            key=f"playbook_run:{run.pk}:{key}",
            route=route,
            severity=severity.value,
            path=f"/playbooks/runs/{run.pk}/",
        )
        for route in routes
        if notifications.concerns(route, data, sites, tags)
    )


def note(run: PlaybookRun, by: str, text: str) -> None:
    """Say in the timeline of the run's incident what became of it."""
    known = _unresolved(run)
    if known is not None:
        handling.note(known, text, by=by)


def lost_with_others(run: PlaybookRun) -> Incident | None:
    """The incident of many stations lost at once that the run's station is part of."""
    if IncidentKind.OFFLINE not in _kinds(run):
        return None
    return _of_rules(run, [IncidentKind.OFFLINE]).exclude(group="").first()


def end_what_is_well(network_id: int, identities: Iterable[str | None]) -> None:
    """Incidents that playbooks opened end when the goal holds after all, whoever has brought that about.

    Args:
        network_id: Whose.
        identities: Stations of which there is news.
    """
    opened = Incident.objects.filter(
        network=network_id, kind=IncidentKind.OTHER, opened_by__startswith=ACTOR
    ).exclude(state=IncidentState.RESOLVED)
    ids = list(opened.values_list("pk", flat=True))
    if not ids:
        return
    rows = IncidentStation.objects.filter(
        incident__in=ids, station__identity__in=identities, recovered_at=None
    )
    for row in rows.order_by("pk"):
        run = (
            PlaybookRun.objects.select_related("version", "station")
            .filter(incident_id=row.incident_id, station=row.station_id)
            .order_by("-pk")
            .first()
        )
        holds = False
        # What was stored of a playbook may be older than the code: the others' events aren't to wait for it.
        with apart(network_id, f"the goal of incident {row.incident_id}"), transaction.atomic():
            holds = run is not None and not RunState(run.state).open and facts.goal_holds(run)
        if holds:
            opening.recover([row], why="the playbook's goal holds")


def _unresolved(run: PlaybookRun) -> Incident | None:
    """The incident that it began with or has opened; else that of a rule which takes what it is about; else
    one of its own from an earlier run.
    """
    unresolved = Incident.objects.filter(network=run.network_id).exclude(state=IncidentState.RESOLVED)
    if run.incident_id is not None:
        found = unresolved.filter(pk=run.incident_id).first()
        if found is not None:
            return found
    own = unresolved.filter(key=f"playbook:{run.playbook.slug}:{run.station_id}")
    return _of_rules(run, _kinds(run)).first() or own.first()


def _kinds(run: PlaybookRun) -> Collection[IncidentKind]:
    """Kinds of incidents that rules may have opened for what the run began with."""
    return signals.BEGUN_BY.get(run.cause["type"], ())


def _of_rules(run: PlaybookRun, kinds: Collection[IncidentKind]) -> QuerySet[Incident]:
    """Unresolved ones of these kinds that take the run's station, or its EVSE; the newest first."""
    rows = IncidentStation.objects.filter(station=run.station, recovered_at=None, incident__kind__in=kinds)
    evse_id = OfRun(run).evse_id
    if evse_id is not None:
        rows = rows.filter(Q(evse_id=None) | Q(evse_id=evse_id))
    found = Incident.objects.filter(network=run.network_id, pk__in=rows.values("incident"))
    return found.exclude(state=IncidentState.RESOLVED).order_by("-pk")
