"""What is wrong in a network, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from emobi.core.events.model import Event


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """Something is wrong; told again with more ``occurrences`` when it comes back soon after its end.

    The event is about a station where the incident takes just one. ``identities`` are the stations that are
    affected, the first 50 of them; ``stations`` is how many there are.
    """

    type = "incident.opened"
    incident_id: str
    kind: str
    severity: str
    state: str
    title: str
    summary: str | None
    group: str | None
    stations: int
    identities: tuple[str, ...]
    evse_id: int | None
    occurrences: int
    began_at: datetime
    assignee: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, kw_only=True)
class IncidentEscalated(IncidentOpened):
    """It has grown, and is worse than it was thought to be."""

    type = "incident.escalated"


@dataclass(frozen=True, kw_only=True)
class IncidentAcknowledged(IncidentOpened):
    """Somebody looks after it."""

    type = "incident.acknowledged"


@dataclass(frozen=True, kw_only=True)
class IncidentResolved(IncidentOpened):
    """It is over: by itself, by hand, or because it became part of another one."""

    type = "incident.resolved"
