"""How incidents begin, grow, and end by themselves.

There is one unresolved incident of a key in a network; whoever finds the same thing again joins it. What
ended by itself a moment ago and is back is the same incident again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db import IntegrityError, transaction

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.models import Network
from stations import incidents
from stations.models import (
    Incident,
    IncidentKind,
    IncidentRule,
    IncidentState,
    IncidentStation,
    Resolution,
    Severity,
    Station,
)
from stations.services.incidents import telling
from stations.services.incidents.telling import BY_RULE

# What comes back within this time was never over.
REOPENS = timedelta(minutes=10)
# What is added within this time to what has just begun is the same beginning.
BURST = timedelta(seconds=90)
# So many causes that aren't stations' are named in a line of the timeline.
MOST_STILL = 5


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A station, or one of its EVSEs, that is affected since a time by our clock."""

    station: Station
    since: datetime
    evse_id: int | None = None

    @classmethod
    def from_now(cls, station: Station) -> Self:
        """The whole station, from now on."""
        return cls(station=station, since=clock.now())


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is wrong.

    Attributes:
        key: Two findings of a network with one key are the same thing.
        group: What its stations have in common; "" for one station, or none.
        since: When it began, by our clock; None: when the first of its stations was affected, else now.
    """

    kind: IncidentKind
    key: str
    severity: Severity
    title: str
    summary: str = ""
    group: str = ""
    evidence: Mapping[str, object] | None = None
    affected: Sequence[Affected] = ()
    since: datetime | None = None

    @property
    def began_at(self) -> datetime:
        return self.since or min((each.since for each in self.affected), default=clock.now())


def open_or_join(
    network: Network, finding: Finding, *, rule: IncidentRule | None = None, by: str = BY_RULE
) -> Incident:
    """Make sure that there is an unresolved incident of the finding, with its stations.

    Idempotent: what is known already changes nothing. An incident grows and gets worse, never better; an
    escalation ends a snooze.
    """
    with unit_of_work.begin():
        found = _unresolved(network, finding.key)
        if found is not None:
            _join(found, finding, by)
            return found
        again = _ended_lately(network, finding.key)
        if again is not None:
            _reopen(again, finding, by)
            return again
        try:
            with transaction.atomic():
                opened = _create(network, finding, rule, by)
        except IntegrityError:
            # Somebody else opened it meanwhile.
            found = _unresolved(network, finding.key)
            if found is None:
                raise
            _join(found, finding, by)
            return found
        telling.enter(opened, "opened", by, {"summary": finding.summary, "stations": len(finding.affected)})
        telling.tell(opened, events.IncidentOpened)
        return opened


def open_by_hand(network: Network, finding: Finding, *, by: str, address: str | None = None) -> Incident:
    """The same for what a person or a script has found: it is in the audit log, and ends by hand."""
    with unit_of_work.begin():
        opened = open_or_join(network, finding, by=by)
        opened.auto_resolve = False
        opened.save(update_fields=["auto_resolve"])
        telling.note_action(opened, "opened", by, address=address)
    return opened


def recover(rows: Iterable[IncidentStation], *, by: str = BY_RULE, why: str = "") -> set[str]:
    """These stations aren't affected any more; resolve what is over by that. The ids of the incidents.

    Idempotent. An incident that isn't to resolve by itself stays, and its timeline says that its cause is
    gone; so does one that is about something else as well.
    """
    with unit_of_work.begin():
        at = clock.now()
        by_incident: dict[str, list[int]] = {}
        for row in rows:
            by_incident.setdefault(row.incident_id, []).append(row.pk)
        for incident in _locked(by_incident):
            here = IncidentStation.objects.filter(pk__in=by_incident[incident.pk], recovered_at=None)
            back = here.update(recovered_at=at)
            if back:
                _lessen(incident, {"stations": back}, by, why)
        return set(by_incident)


def end_cause(incident: Incident, what: str, *, by: str = BY_RULE, why: str = "") -> None:
    """Something that an incident is about, and that is no station's, is over; it resolves if that was all.

    Its condition is deleted already. ``what`` is its title.
    """
    with unit_of_work.begin():
        for found in _locked([incident.pk]):
            _lessen(found, {"what": what}, by, why)


def is_open(network: Network, key: str) -> bool:
    """Whether there is an unresolved incident of this key."""
    return _unresolved(network, key) is not None


def is_over(incident: Incident) -> bool:
    """Whether all that it is about is well again."""
    return (
        not incident.affected.filter(recovered_at=None).exists()
        and not incidents.other_causes(incident).exists()
    )


def _lessen(incident: Incident, said: Mapping[str, object], by: str, why: str) -> None:
    """Less of it is the case than was; the row is locked by the caller."""
    if incident.auto_resolve and is_over(incident):
        resolve_by_itself(incident, by=by, why=why)
        return
    left = incident.affected.filter(recovered_at=None).count()
    still = list(incidents.other_causes(incident).values_list("title", flat=True)[:MOST_STILL])
    telling.enter(incident, "recovered", by, {**said, "left": left, "still": still, "why": why})


def resolve_by_itself(incident: Incident, *, by: str = BY_RULE, why: str = "") -> None:
    """Its cause is gone. The row is locked by the caller."""
    close(incident, Resolution.BY_ITSELF, by)
    telling.enter(incident, "resolved", by, {"how": Resolution.BY_ITSELF, "why": why})
    telling.tell(incident, events.IncidentResolved)


def join(incident: Incident, finding: Finding, *, by: str = BY_RULE) -> None:
    """The finding is part of this unresolved incident, whose key is another one: people have merged them."""
    with unit_of_work.begin():
        for found in _locked([incident.pk]):
            _join(found, finding, by)


def escalate(incident: Incident, severity: Severity, by: str) -> None:
    """It is as bad as this from now on, if it wasn't worse. The row is locked by the caller."""
    before = Severity(incident.severity)
    if severity.rank < before.rank:
        incident.severity, incident.snoozed_until = severity, None
        incident.save(update_fields=["severity", "snoozed_until"])
        telling.enter(incident, "escalated", by, {"from": before, "to": severity})
        telling.tell(incident, events.IncidentEscalated)


def close(incident: Incident, how: Resolution, by: str) -> None:
    """Write that it is over; its stations are affected no more. The row is locked by the caller."""
    incident.state, incident.resolution = IncidentState.RESOLVED, how
    incident.resolved_at, incident.resolved_by = clock.now(), by[:200]
    incident.snoozed_until = None
    incident.save(update_fields=["state", "resolution", "resolved_at", "resolved_by", "snoozed_until"])
    incident.affected.filter(recovered_at=None).update(recovered_at=incident.resolved_at)


def _unresolved(network: Network, key: str) -> Incident | None:
    return (
        Incident.objects.select_for_update(no_key=True)
        .filter(network=network, key=key[:200])
        .exclude(state=IncidentState.RESOLVED)
        .first()
    )


def _locked(ids: Iterable[str]) -> list[Incident]:
    """Unresolved incidents, locked in the order of their keys, so that two processes can't wait for each
    other.
    """
    return list(
        Incident.objects.select_for_update(no_key=True)
        .filter(pk__in=list(ids))
        .exclude(state=IncidentState.RESOLVED)
        .order_by("pk")
    )


def _ended_lately(network: Network, key: str) -> Incident | None:
    return (
        Incident.objects.select_for_update(no_key=True)
        .filter(
            network=network,
            key=key[:200],
            state=IncidentState.RESOLVED,
            resolution=Resolution.BY_ITSELF,
            resolved_at__gt=clock.now() - REOPENS,
        )
        .order_by("-pk")
        .first()
    )


def _create(network: Network, finding: Finding, rule: IncidentRule | None, by: str) -> Incident:
    began_at = finding.began_at
    incident = Incident.objects.create(
        id=ulid.new(),
        network=network,
        rule=rule,
        kind=finding.kind,
        severity=finding.severity,
        key=finding.key[:200],
        group=finding.group[:200],
        title=finding.title[:200],
        summary=finding.summary[:500],
        evidence=events.plain(finding.evidence or {}),
        first_at=began_at,
        last_at=max([began_at, *(each.since for each in finding.affected)]),
        opened_at=clock.now(),
        opened_by=by[:200],
        auto_resolve=rule.auto_resolve if rule else True,
    )
    _take_in(incident, finding.affected)
    return incident


def _join(incident: Incident, finding: Finding, by: str) -> None:
    """What is found again, or found to be larger, than an unresolved incident knew."""
    left = incident.affected.filter(recovered_at=None).count() if finding.affected else 0
    again, fresh = _take_in(incident, finding.affected)
    new = again + fresh
    worse = finding.severity.rank < Severity(incident.severity).rank
    if not new and not worse:
        return
    incident.last_at = max([incident.last_at, *(each.since for each in finding.affected)])
    # Nobody who has seen it nearly over would know: most of it was well, and is ill again.
    if again > left and clock.now() > incident.begun_at + BURST:
        _begin_again(incident, finding, by)
        return
    if new:
        _describe(incident, finding)
        telling.enter(incident, "grew", by, {"stations": new})
    incident.save()
    escalate(incident, finding.severity, by)


def _reopen(incident: Incident, finding: Finding, by: str) -> None:
    incident.resolution, incident.resolved_at, incident.resolved_by = "", None, ""
    incident.last_at = max([clock.now(), *(each.since for each in finding.affected)])
    _take_in(incident, finding.affected)
    _begin_again(incident, finding, by)


def _begin_again(incident: Incident, finding: Finding, by: str) -> None:
    """Whoever looks after it, or had it hidden, is told anew."""
    incident.state, incident.reopened_at, incident.snoozed_until = IncidentState.OPEN, clock.now(), None
    incident.acknowledged_at, incident.acknowledged_by = None, ""
    incident.occurrences += 1
    incident.severity = min(Severity(incident.severity), finding.severity, key=lambda each: each.rank)
    _describe(incident, finding)
    incident.save()
    telling.enter(incident, "reopened", by, {"occurrences": incident.occurrences})
    telling.tell(incident, events.IncidentOpened)


def _describe(incident: Incident, finding: Finding) -> None:
    incident.title, incident.summary = finding.title[:200], finding.summary[:500]
    incident.evidence = events.plain(finding.evidence or {})


def _take_in(incident: Incident, affected: Sequence[Affected]) -> tuple[int, int]:
    """Enter stations that were well again, or aren't in yet; how many of each."""
    known = {
        (row.station_id, row.evse_id): row
        for row in incident.affected.filter(station__in={each.station.pk for each in affected})
    }
    again = [
        known[key].pk
        for each in affected
        if (key := (each.station.pk, each.evse_id)) in known and known[key].recovered_at is not None
    ]
    if again:
        incident.affected.filter(pk__in=again).update(since=clock.now(), recovered_at=None)
    fresh = {
        (each.station.pk, each.evse_id): each
        for each in affected
        if (each.station.pk, each.evse_id) not in known
    }
    IncidentStation.objects.bulk_create(
        IncidentStation(incident=incident, station=each.station, evse_id=each.evse_id, since=each.since)
        for each in fresh.values()
    )
    return len(again), len(fresh)
