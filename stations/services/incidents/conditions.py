"""What rules look out for and is the case now. Needs the open unit of work, and the network's reader locked
(`passes`): one process at a time works at a network's conditions.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emobi.core import events
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentKind,
    IncidentRule,
    IncidentStation,
    Resolution,
    Severity,
    Station,
)
from stations.services.incidents import opening, rules
from stations.services.incidents.signals import MOMENTARY

# A merged incident may have been merged again.
MOST_MERGES = 10


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that a rule looks out for.

    Attributes:
        place: What it is about, within the station, or the network if it is about none.
        since: By our clock.
        severity: None: the rule's.
    """

    title: str
    since: datetime
    station: Station | None = None
    evse_id: int | None = None
    place: str = ""
    summary: str = ""
    severity: Severity | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def key(rule: IncidentRule, station_id: int | None, place: str = "") -> str:
    """The key of a condition and of the incident that it opens by itself."""
    return ":".join(str(part) for part in (rule.kind, rule.pk, station_id or "", place) if part != "")[:200]


def begin(rule: IncidentRule, found: Iterable[Found]) -> None:
    """These are the case from now on. What is known already stays as it is, unless it got worse."""
    rows = [_row(rule, each) for each in found if each.station is None or rules.takes(rule, each.station)]
    if rule.kind in MOMENTARY and rows:
        # What happens again after somebody has closed it is another one.
        closed = IncidentCondition.objects.filter(
            rule=rule, key__in=[row.key for row in rows], incident__resolution=Resolution.BY_HAND
        )
        closed.delete()
    IncidentCondition.objects.bulk_create(rows, ignore_conflicts=True)


def end(rule: IncidentRule, keys: Collection[str], why: str = "") -> int:
    """These are the case no more; how many of them were. What they opened recovers."""
    ended = list(
        IncidentCondition.objects.filter(rule=rule, key__in=keys).select_related("incident").order_by("pk")
    )
    if not ended:
        return 0
    by_incident: dict[str, list[IncidentCondition]] = {}
    targets: dict[str, Incident] = {}
    for condition in ended:
        target = _standing(condition.incident)
        if target is not None:
            by_incident.setdefault(target.pk, []).append(condition)
            targets[target.pk] = target
    IncidentCondition.objects.filter(pk__in=[each.pk for each in ended]).delete()
    rows: list[IncidentStation] = []
    for incident_id, conditions in by_incident.items():
        places = {(each.station_id, each.evse_id) for each in conditions if each.station_id}
        here = IncidentCondition.objects.filter(
            incident=incident_id, station__in={station for station, _ in places}
        )
        if rule.kind == IncidentKind.FLAPPING:
            # Who is away although it flaps no more is offline, and that is an incident of its own.
            here.filter(rule__kind=IncidentKind.OFFLINE).update(opened=False, incident=None)
        still = set(here.values_list("station", "evse_id"))
        for condition in conditions:
            if condition.station_id is None:
                opening.end_cause(targets[incident_id], condition.title, why=why)
        open_rows = IncidentStation.objects.filter(
            incident=incident_id, station__in={station for station, _ in places}, recovered_at=None
        )
        rows += [
            row
            for row in open_rows
            if (row.station_id, row.evse_id) in places and (row.station_id, row.evse_id) not in still
        ]
    opening.recover(rows, why=why)
    return len(ended)


def hold(rule: IncidentRule, found: Iterable[Found], why: str = "") -> None:
    """Exactly these are the case now: the others end, and severities are brought up to date."""
    now = {
        key(rule, each.station.pk if each.station else None, each.place): each
        for each in found
        if each.station is None or rules.takes(rule, each.station)
    }
    known = {each.key: each for each in IncidentCondition.objects.filter(rule=rule)}
    end(rule, known.keys() - now.keys(), why)
    begin(rule, [each for each_key, each in now.items() if each_key not in known])
    for each_key, each in now.items():
        condition = known.get(each_key)
        severity = each.severity or Severity(rule.severity)
        if condition is not None and severity.rank < Severity(condition.severity).rank:
            worse = IncidentCondition.objects.filter(pk=condition.pk)
            worse.update(severity=severity, title=each.title[:200], summary=each.summary[:500])
            # Its incident is told so with the next opening; what somebody has closed opens anew.
            worse.exclude(incident=None).exclude(incident__resolution=Resolution.MERGED).update(opened=False)


def _row(rule: IncidentRule, found: Found) -> IncidentCondition:
    return IncidentCondition(
        rule=rule,
        key=key(rule, found.station.pk if found.station else None, found.place),
        station=found.station,
        evse_id=found.evse_id,
        since=found.since,
        due_at=found.since + timedelta(seconds=rule.for_s),
        severity=found.severity or rule.severity,
        title=found.title[:200],
        summary=found.summary[:500],
        evidence=events.plain(found.evidence),
    )


def _standing(incident: Incident | None) -> Incident | None:
    """The unresolved incident that this one is, or is part of, now."""
    for _ in range(MOST_MERGES):
        if incident is None or incident.state != "resolved":
            return incident
        incident = incident.merged_into
    return None
