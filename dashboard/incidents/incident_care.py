"""What is done about an incident: playbooks and their runs, who was told, what put earlier ones right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.access import Access
from dashboard.incidents import incident_words
from emobi.core.models import Network
from stations import playbook_selectors
from stations.models import (
    Incident,
    IncidentEntry,
    IncidentKind,
    IncidentStation,
    LetterState,
    Notification,
    Playbook,
    PlaybookRun,
    PlaybookVersion,
    RunState,
)
from stations.services.playbooks import triggering

MOST_RUNS = 10
MOST_TOLD = 50
# A playbook's event comes before the incident that its rule opens.
BEFORE = timedelta(minutes=5)
# What stations say themselves; of the other kinds playbooks hear by the incident's opening.
_EVENTS = {IncidentKind.OFFLINE: "station.offline", IncidentKind.FAULT: "station.fault"}


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A playbook that is meant for this.

    Attributes:
        stations: Those that it may be started at: affected still, and fitting.
    """

    playbook: Playbook
    success_percent: str
    stations: Sequence[str]

    @property
    def mode(self) -> str:
        if not self.playbook.enabled:
            return "off: no event starts it"
        return "a dry run: it only notes what it would do" if self.playbook.dry_run else "starts by itself"


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody who was told by e-mail."""

    recipient: str
    subject: str
    at: datetime
    state: str


@dataclass(frozen=True, kw_only=True)
class Care:
    """All of it."""

    suggestions: Sequence[Suggestion]
    runs: Sequence[PlaybookRun]
    told: Sequence[Told]


def of(access: Access, found: Incident, affected: Sequence[IncidentStation]) -> Care:
    """All of it; recipients' addresses are for those who operate."""
    return Care(
        suggestions=_suggestions(access.network, found, affected)
        if access.may_operate and not _is_over(found)
        else [],
        runs=_runs(found, affected),
        told=_told(found, whole=access.may_operate),
    )


def _is_over(found: Incident) -> bool:
    return found.resolved_at is not None


def _suggestions(network: Network, found: Incident, affected: Sequence[IncidentStation]) -> list[Suggestion]:
    still = [row for row in affected if row.recovered_at is None]
    playbooks = list(playbook_selectors.playbooks(network))
    versions = playbook_selectors.current_versions(playbooks)
    fitting = [
        (each, stations) for each in playbooks if (stations := _fitting(versions[each.pk], found, still))
    ]
    records = playbook_selectors.records([each for each, _ in fitting])
    return [
        Suggestion(playbook=each, success_percent=records[each.pk].success_percent, stations=stations)
        for each, stations in fitting
    ]


def _fitting(version: PlaybookVersion, found: Incident, still: Iterable[IncidentStation]) -> list[str]:
    """The stations at which an event about this would start it."""
    told = {**found.evidence, "kind": found.kind, "severity": found.severity, "title": found.title}
    fits = []
    for row in still:
        for event in (_EVENTS.get(IncidentKind(found.kind), ""), "incident.opened"):
            cause: Mapping[str, Any] = {"type": event, "data": {**told, "evse_id": row.evse_id}}
            if event and triggering.fits(version.definition, cause, row.station):
                fits.append(row.station.identity)
                break
    return list(dict.fromkeys(fits))


def _runs(found: Incident, affected: Sequence[IncidentStation]) -> list[PlaybookRun]:
    """Those that are about it, or were at its stations while it lasted, the newest first."""
    runs = PlaybookRun.objects.filter(network=found.network_id).select_related("playbook", "station")
    about = runs.filter(incident_id=found.pk)
    there = runs.filter(
        station__in={row.station_id for row in affected}, created_at__gte=found.first_at - BEFORE
    )
    if found.resolved_at is not None:
        there = there.filter(created_at__lte=found.resolved_at)
    return list((about | there).order_by("-pk")[:MOST_RUNS])


_STATES = {LetterState.WAITING: "on its way", LetterState.SENT: "sent", LetterState.FAILED: "failed"}


def _told(found: Incident, *, whole: bool) -> list[Told]:
    told = Notification.objects.filter(network=found.network_id, cause=f"incident:{found.pk}")
    return [
        Told(
            recipient=each.recipient if whole else each.route.name if each.route else "somebody",
            subject=each.subject,
            at=each.created_at,
            state=_STATES[LetterState(each.letter.state)] if each.letter else "waits for its time",
        )
        for each in told.select_related("letter", "route").order_by("-pk")[:MOST_TOLD]
    ]


def fixes(past: Sequence[Incident]) -> dict[str, str]:
    """By incident, what put it right, as far as somebody said so or a playbook did it. Two queries."""
    ids = [each.pk for each in past]
    said: dict[str, str] = {}
    entries = IncidentEntry.objects.filter(incident__in=ids, what__in=("resolved", "noted"))
    for entry in entries.order_by("pk"):
        text = str(entry.detail.get("note") or entry.detail.get("why") or "").strip()
        if text:
            # The last that was said: its end, if that says anything.
            said[entry.incident_id] = f"{incident_words.who(entry.by)}: {text}"
    helped = PlaybookRun.objects.filter(incident_id__in=ids, state=RunState.SUCCEEDED)
    for incident_id, name in helped.order_by("pk").values_list("incident_id", "playbook__name"):
        said[incident_id or ""] = f"the playbook {name} helped"
    return said
