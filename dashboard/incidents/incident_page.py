"""What the page of one incident shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from dashboard import figures
from dashboard.access import Access
from dashboard.incidents import incident_care, incident_rows, incident_words
from dashboard.incidents.incident_care import Care
from dashboard.incidents.incident_rows import Row
from emobi.core.models import Network
from stations import incidents
from stations.models import Incident, IncidentCondition, IncidentStation

MOST_STATIONS = 100
MOST_OTHERS = 50
# What stations said this long before and after it began is its evidence.
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=5)

SNOOZES = (("3600", "1 hour"), ("14400", "4 hours"), ("86400", "1 day"), ("604800", "1 week"))


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the timeline."""

    at: datetime
    who: str
    what: str
    more: str
    other: str
    mentioned: str


@dataclass(frozen=True, kw_only=True)
class Similar:
    """An earlier one of its kind, and what put it right."""

    row: Row
    fix: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A figure that it was opened on, or where to look."""

    name: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One incident, as its page tells of it before what was done about it and about earlier ones is there."""

    row: Row
    lines: list[Line]
    affected: list[IncidentStation]
    more_affected: int
    evidence: list[Evidence]
    causes: list[Evidence]
    to_acknowledge: str
    to_resolve: str
    shape: str

    @property
    def incident(self) -> Incident:
        return self.row.incident

    @property
    def may_be_split(self) -> bool:
        """Whether something would be left of it."""
        return not self.row.is_over and self.row.total + len(self.causes) > 1


def of(found: Incident) -> Shown:
    """What its page begins with. Seven queries."""
    [row] = incident_rows.of([found])
    affected = list(incidents.affected(found)[: MOST_STATIONS + 1])
    lines = [
        Line(
            at=entry.at,
            who=incident_words.who(entry.by),
            what=incident_words.what(entry.what, entry.detail),
            more=incident_words.more(entry.detail),
            other=str(entry.detail.get("incident_id") or ""),
            mentioned=", ".join(map(str, entry.detail.get("mentioned") or ())),
        )
        for entry in incidents.entries(found)
    ]
    to_acknowledge, to_resolve = incidents.times(found)
    return Shown(
        row=row,
        lines=lines,
        affected=affected[:MOST_STATIONS],
        more_affected=max(0, row.total - MOST_STATIONS),
        evidence=_evidence(found, affected),
        causes=[_cause(each) for each in incidents.other_causes(found)],
        to_acknowledge=_span(to_acknowledge),
        to_resolve=_span(to_resolve),
        shape=shape(found),
    )


def care(access: Access, found: Incident) -> Care:
    """What is done about it. Seven queries."""
    return incident_care.of(access, found, list(incidents.affected(found)[:MOST_STATIONS]))


def similar(found: Incident) -> list[Similar]:
    """Earlier ones of its kind. Six queries."""
    past = incidents.similar(found)
    fixes = incident_care.fixes(past)
    return [Similar(row=each, fix=fixes.get(each.incident.pk, "")) for each in incident_rows.of(past)]


def shape(found: Incident) -> str:
    """Changes whenever the page has to be drawn anew."""
    last = found.entries.order_by("-pk").values_list("pk", flat=True).first()
    return f"{found.state}:{last}"


def others(network: Network, found: Incident) -> list[Incident]:
    """Unresolved ones that it might be merged with."""
    unresolved = incidents.incidents(network, state="unresolved").exclude(pk=found.pk)
    return list(unresolved[:MOST_OTHERS])


def people(network: Network) -> list[User]:
    """Who may look after it."""
    return list(User.objects.filter(memberships__network=network, is_active=True).order_by("username"))


def messages_url(identity: str, since: datetime) -> str:
    """The station's messages around a time. What says no zone would be in that of whoever follows it."""
    begin, end = since - BEFORE, since + AFTER
    span = {"since": begin.isoformat(timespec="minutes"), "until": end.isoformat(timespec="minutes")}
    return f"{reverse('dashboard:messages')}?{urlencode({'station': identity, **span})}"


_NAMES = {
    "reason": "Reason",
    "last_heard_at": "Last heard",
    "error_code": "Error code",
    "vendor_error_code": "Vendor's code",
    "info": "Info",
    "changes": "Changes",
    "drops": "Lost connections",
    "boots": "Boots",
    "session_id": "Session",
    "transaction_id": "Transaction",
    "clock_skew_s": "Clock, seconds off",
    "not_after": "Valid until",
    "use": "Certificate",
    "deviations": "Deviations",
    "url": "Webhook",
    "failing_since": "Failing since",
    "still_well": "Still well there",
}


def _evidence(found: Incident, affected: list[IncidentStation]) -> list[Evidence]:
    shown = [
        Evidence(name=name, text=_text(found.evidence[key]))
        for key, name in _NAMES.items()
        if found.evidence.get(key) not in (None, "", 0)
    ]
    for row in affected[:3]:
        identity = row.station.identity
        shown.append(
            Evidence(name="Messages", text=f"{identity} around then", url=messages_url(identity, row.since))
        )
    return shown


def _cause(condition: IncidentCondition) -> Evidence:
    webhook_id = condition.evidence.get("webhook_id")
    url = reverse("dashboard:webhook", args=[webhook_id]) if webhook_id else ""
    return Evidence(name="Cause", text=condition.title, url=url)


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    text = str(value)
    return figures.local_of(text) if text[:2] == "20" and "T" in text else text


def _span(span: timedelta | None) -> str:
    return figures.duration(span.total_seconds()) if span is not None else figures.UNKNOWN
