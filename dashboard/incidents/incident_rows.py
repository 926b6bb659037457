"""Rows of the list of incidents, and what live pages change in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Window

from dashboard.access import Access
from dashboard.incidents import incident_words
from dashboard.incidents.incident_filter import IncidentFilter
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.models import Network
from stations import incidents, playbook_selectors
from stations.models import Incident, IncidentKind, IncidentState, PlaybookRun, Severity, Station

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Row:
    """An incident in a list."""

    incident: Incident
    total: int
    left: int
    first: Station | None
    run: PlaybookRun | None = None
    """The playbook that is at work at the first of its stations, if it isn't over."""

    @property
    def key(self) -> str:
        return f"incident:{self.incident.pk}"

    @property
    def severity(self) -> Shown:
        return incident_words.SEVERITIES[Severity(self.incident.severity)]

    @property
    def state(self) -> Shown:
        return state(self.incident)

    @property
    def kind(self) -> str:
        return incident_words.KINDS[IncidentKind(self.incident.kind)]

    @property
    def stations(self) -> str:
        """How many still are affected, of how many."""
        if not self.total:
            return "none"
        if self.total == 1:
            return "well again" if not self.left else "1"
        return f"{self.left:,} of {self.total:,}"

    @property
    def how(self) -> str:
        """How it ended."""
        return incident_words.HOW.get(self.incident.resolution, "")

    @property
    def is_over(self) -> bool:
        return self.incident.state == IncidentState.RESOLVED

    @property
    def values(self) -> dict[str, Any]:
        """What live pages change."""
        return {
            "title": self.incident.title,
            "severity": self.severity.value,
            "now": self.state.value,
            "said": said(self.incident),
            "stations": self.stations,
            "assignee": self.incident.assignee.get_username() if self.incident.assignee else "nobody",
            "last": clock.iso(self.incident.last_at),
        }


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of the list."""

    rows: list[Row]
    next: str | None


def state(incident: Incident) -> Shown:
    """Its state; one that is snoozed says so, for it is hidden elsewhere."""
    asleep = incident.snoozed_until is not None and incident.snoozed_until > clock.now()
    if asleep and incident.state != IncidentState.RESOLVED:
        return incident_words.SNOOZED
    return incident_words.STATES[IncidentState(incident.state)]


def said(incident: Incident) -> str:
    """Where it stands, in one line: "Acknowledged, ada · 3 times"."""
    who = f", {incident.assignee.get_username()}" if incident.assignee else ""
    often = f" · {incident.occurrences} times" if incident.occurrences > 1 else ""
    return f"{state(incident).word}{who}{often}"


def page(access: Access, wanted: IncidentFilter) -> Listing:
    """A page of the list."""
    narrowed = wanted.wanted(access.user.get_username())
    found = list(incidents.incidents(access.network, **narrowed)[: PAGE + 1])
    return Listing(
        rows=of(found[:PAGE]), next=wanted.from_(found[PAGE - 1].pk) if len(found) > PAGE else None
    )


def fitting(access: Access, wanted: IncidentFilter, ids: set[str]) -> set[str]:
    """Which of these the list has, on whatever page of it."""
    narrowed = replace(wanted, after="").wanted(access.user.get_username())
    found = incidents.incidents(access.network, **narrowed).filter(pk__in=ids)
    return set(found.values_list("pk", flat=True))


def of(found: list[Incident]) -> list[Row]:
    """Rows of incidents that were read; three queries however many."""
    counts = incidents.station_counts(found)
    firsts = incidents.first_stations(found)
    runs = playbook_selectors.open_at(firsts.values())
    return [
        Row(
            incident=each,
            total=counts.get(each.pk, (0, 0))[0],
            left=counts.get(each.pk, (0, 0))[1],
            first=firsts.get(each.pk),
            run=_run(each, firsts.get(each.pk), runs),
        )
        for each in found
    ]


def _run(incident: Incident, first: Station | None, runs: Mapping[int, PlaybookRun]) -> PlaybookRun | None:
    is_over = incident.state == IncidentState.RESOLVED
    return None if first is None or is_over else runs.get(first.pk)


def live(network: Network, ids: set[str]) -> list[Row]:
    """Rows of these incidents of the network."""
    return of(list(incidents.incidents(network).filter(pk__in=ids)))


def open_count(network_id: int) -> int:
    """How many call for attention: not resolved, and not snoozed."""
    return (
        Incident.objects.filter(network=network_id)
        .exclude(state=IncidentState.RESOLVED)
        .exclude(snoozed_until__gt=clock.now())
        .count()
    )


# Of so many a page knows which are new to it.
MOST_ALARMS = 50


def alarm(network_id: int) -> dict[str, str]:
    """The critical incidents that nobody has acknowledged, as live pages get them: one query.

    Their ids, the newest first: one that became critical only later is new, too.
    """
    found = (
        Incident.objects.filter(network=network_id, state=IncidentState.OPEN, severity=Severity.CRITICAL)
        .exclude(snoozed_until__gt=clock.now())
        .order_by("-pk")
        .annotate(all=Window(Count("pk")))
        .values_list("pk", "title", "all")[:MOST_ALARMS]
    )
    rows = list(found)
    return {
        "count": str(rows[0][2] if rows else 0),
        "ids": " ".join(pk for pk, _, _ in rows),
        "title": rows[0][1] if rows else "",
    }
