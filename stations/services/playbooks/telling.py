"""How runs reach people: an incident about their station, notes in its timeline, notifications."""

from emobi.core import clock
from stations import notifications
from stations.models import (
    Incident,
    IncidentKind,
    IncidentState,
    NotificationRoute,
    PlaybookRun,
    Severity,
)
from stations.services.incidents import handling, opening
from stations.services.incidents.opening import Affected, Finding
from stations.services.notifications import telling as notifying


def open_incident(run: PlaybookRun, by: str, text: str, severity: Severity) -> str:
    """Open an incident about the run's station, or join the one that it is about already; its id.

    An incident that a rule has opened gets the text as a note: one cause, one incident.
    """
    known = _unresolved(run)
    if known is not None:
        handling.note(known, text, by=by)
        return known.pk
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
    """Resolve the incident that the run is about; False if there is none that is open."""
    known = _unresolved(run)
    if known is None:
        return False
    handling.resolve(known, by=by, note=text)
    return True


def notify(run: PlaybookRun, by: str, text: str, severity: Severity, key: str) -> int:
    """Tell people along the network's routes, and in the incident's timeline; how many are told.

    ``key`` makes it once: the step that says it.
    """
    note(run, by, text)
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


def _unresolved(run: PlaybookRun) -> Incident | None:
    """The incident that it began with or has opened; else one of its own from an earlier run."""
    unresolved = Incident.objects.filter(network=run.network_id).exclude(state=IncidentState.RESOLVED)
    if run.incident_id is not None:
        found = unresolved.filter(pk=run.incident_id).first()
        if found is not None:
            return found
    return unresolved.filter(key=f"playbook:{run.playbook.slug}:{run.station_id}").first()
