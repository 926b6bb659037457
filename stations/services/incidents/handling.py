"""What people, keys and playbooks do with incidents. What is done already isn't done again, nor told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Membership, Network
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentReader,
    IncidentState,
    IncidentStation,
    Resolution,
    Severity,
)
from stations.services.incidents import mentions, opening, telling

LONGEST_SNOOZE = timedelta(days=30)
LONGEST_NOTE = 2000
MOST_MERGED = 100


def acknowledge(incident: Incident, *, by: str, address: str | None = None) -> Incident:
    """Somebody looks after it from now on.

    Raises:
        Conflict: If it is resolved.
    """
    with unit_of_work.begin():
        found = _unresolved(incident)
        if found.state == IncidentState.OPEN:
            found.state = IncidentState.ACKNOWLEDGED
            found.acknowledged_at, found.acknowledged_by = clock.now(), by[:200]
            found.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
            telling.enter(found, "acknowledged", by)
            telling.note_action(found, "acknowledged", by, address=address)
            telling.tell(found, events.IncidentAcknowledged)
    return found


def assign(incident: Incident, user: User | None, *, by: str, address: str | None = None) -> Incident:
    """Name who is to look after it; None: nobody.

    Raises:
        Conflict: If it is resolved.
        Invalid: If the person doesn't work in the network.
    """
    if user is not None and not Membership.objects.filter(network=incident.network_id, user=user).exists():
        raise Invalid(f"{user.get_username()} doesn't work in this network.", "assignee")
    with unit_of_work.begin():
        found = _unresolved(incident)
        if found.assignee != user:
            found.assignee = user
            found.save(update_fields=["assignee"])
            name = user.get_username() if user else None
            telling.enter(found, "assigned" if user else "unassigned", by, {"assignee": name})
            telling.note_action(found, "assigned", by, {"assignee": name}, address)
    return found


def member(network: Network, login: str) -> User:
    """The person of the network with this login.

    Raises:
        Invalid: If nobody of that name works there.
    """
    found = User.objects.filter(memberships__network=network, username=login.strip().lower()).first()
    if found is None:
        raise Invalid(f"Nobody called {login[:64]} works in this network.", "assignee")
    return found


def snooze(incident: Incident, until: datetime | None, *, by: str, address: str | None = None) -> Incident:
    """Hide it until then; None: show it again.

    Raises:
        Conflict: If it is resolved.
        Invalid: If the time is past, or more than 30 days away.
    """
    now = clock.now()
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        raise Invalid("Snooze until a time within the next 30 days.", "until")
    with unit_of_work.begin():
        found = _unresolved(incident)
        if found.snoozed_until != until:
            found.snoozed_until = until
            found.save(update_fields=["snoozed_until"])
            telling.enter(found, "snoozed" if until else "unsnoozed", by, {"until": until})
            telling.note_action(found, "snoozed", by, {"until": until}, address)
    return found


def from_now(seconds: int) -> datetime:
    """The time so many seconds from now."""
    return clock.now() + timedelta(seconds=seconds)


def wake_due() -> int:
    """Show those again whose snooze is over; how many. Any number may run, at any time."""
    with unit_of_work.begin():
        due = (
            Incident.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(snoozed_until__lte=clock.now())
            .exclude(state=IncidentState.RESOLVED)
            .order_by("pk")[:200]
        )
        for incident in due:
            incident.snoozed_until = None
            incident.save(update_fields=["snoozed_until"])
            telling.enter(incident, "unsnoozed", telling.BY_RULE)
    return len(due)


def resolve(incident: Incident, *, by: str, note: str = "", address: str | None = None) -> Incident:
    """It is over, because somebody says so. Resolving it again changes nothing.

    Raises:
        Invalid: If the note is too long.
    """
    _check_note(note)
    with unit_of_work.begin():
        found = _locked(incident)
        if found.state != IncidentState.RESOLVED:
            opening.close(found, Resolution.BY_HAND, by)
            told = mentions.tell(found, note, by=by)
            said: dict[str, object] = {"how": Resolution.BY_HAND, "note": note.strip()}
            detail = said | _mentioned(told)
            telling.enter(found, "resolved", by, detail)
            telling.note_action(found, "resolved", by, {"note": note.strip()}, address)
            telling.tell(found, events.IncidentResolved)
    return found


def note(incident: Incident, text: str, *, by: str, address: str | None = None) -> Incident:
    """Add a note to its timeline; resolved ones take notes, too. Who is mentioned, as ``@login``, is told.

    Raises:
        Invalid: If there is no text, or too much of it.
    """
    _check_note(text)
    if not text.strip():
        raise Invalid("Write something.", "text")
    with unit_of_work.begin():
        found = _locked(incident)
        told = mentions.tell(found, text, by=by)
        telling.enter(found, "noted", by, {"note": text.strip(), **_mentioned(told)})
        telling.note_action(found, "noted", by, address=address)
    return found


def merge(into: Incident, others: Sequence[Incident], *, by: str, address: str | None = None) -> Incident:
    """Make others part of ``into``: it takes over their stations and what their rules have noticed, is as bad
    as the worst of them, and they end.

    Raises:
        Conflict: If one of them is resolved already, unless it was merged into this one before.
        Invalid: If there is none, too many, or the incident itself among them.
    """
    if not others or len(others) > MOST_MERGED:
        raise Invalid(f"Name 1 to {MOST_MERGED} incidents to merge.", "incident_ids")
    if into.pk in {each.pk for each in others}:
        raise Invalid("An incident can't be merged into itself.", "incident_ids")
    with unit_of_work.begin():
        # Whoever looks at the network's conditions waits: they change hands here.
        IncidentReader.objects.select_for_update(no_key=True).filter(pk=into.network_id).first()
        ids = {into.pk, *(each.pk for each in others)}
        found = {
            each.pk: each
            for each in Incident.objects.select_for_update(no_key=True)
            .filter(network=into.network_id, pk__in=ids)
            .order_by("pk")
        }
        if found.keys() != ids:
            raise NotFound("There is no such incident.")
        target = found.pop(into.pk)
        _demand_unresolved(target)
        for other in found.values():
            if other.merged_into_id == target.pk:
                continue
            _demand_unresolved(other)
            _merge_one(target, other, by)
            telling.note_action(other, "merged", by, {"into": target.pk}, address)
    return target


def _merge_one(target: Incident, other: Incident, by: str) -> None:
    known = {(row.station_id, row.evse_id): row for row in target.affected.all()}
    theirs = list(other.affected.order_by("pk"))
    IncidentStation.objects.bulk_create(
        IncidentStation(
            incident=target,
            station_id=row.station_id,
            evse_id=row.evse_id,
            since=row.since,
            recovered_at=row.recovered_at,
        )
        for row in theirs
        if (row.station_id, row.evse_id) not in known
    )
    # Who was well here, and is still ill there, is ill.
    ill = [known.get((row.station_id, row.evse_id)) for row in theirs if row.recovered_at is None]
    target.affected.filter(pk__in=[row.pk for row in ill if row]).update(recovered_at=None)
    IncidentCondition.objects.filter(incident=other).update(incident=target)
    target.first_at = min(target.first_at, other.first_at)
    target.last_at = max(target.last_at, other.last_at)
    target.save(update_fields=["first_at", "last_at"])
    telling.enter(target, "took_in", by, {"incident_id": other.pk, "title": other.title})
    opening.escalate(target, Severity(other.severity), by)
    opening.close(other, Resolution.MERGED, by)
    other.merged_into = target
    other.save(update_fields=["merged_into"])
    telling.enter(other, "merged", by, {"incident_id": target.pk, "title": target.title})
    telling.tell(other, events.IncidentResolved)


def _locked(incident: Incident) -> Incident:
    return Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)


def _unresolved(incident: Incident) -> Incident:
    found = _locked(incident)
    _demand_unresolved(found)
    return found


def _demand_unresolved(incident: Incident) -> None:
    if incident.state == IncidentState.RESOLVED:
        raise Conflict("The incident is resolved.")


def _mentioned(told: Sequence[str]) -> dict[str, object]:
    return {"mentioned": list(told)} if told else {}


def _check_note(text: str) -> None:
    if len(text) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", "note")
