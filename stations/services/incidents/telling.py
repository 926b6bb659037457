"""What is written down whenever an incident changes: a line of its timeline, an event, an audit entry."""

from collections.abc import Mapping

from emobi.core import clock, events, unit_of_work
from emobi.core.events import Subject
from emobi.core.services import audit
from stations.models import Incident, IncidentEntry

# Who opens and resolves what nobody did by hand.
BY_RULE = "system:incidents"

# So many stations are named in an event.
MOST_NAMED = 50


def enter(incident: Incident, what: str, by: str, detail: Mapping[str, object] | None = None) -> None:
    """Add a line to the timeline, and wake the pages that show the incident. Needs the open unit of work."""
    IncidentEntry.objects.create(
        incident=incident, at=clock.now(), by=by[:200], what=what, detail=events.plain(detail or {})
    )
    unit_of_work.current().nudge(f"live.{incident.network_id}", incident.pk)


def tell(incident: Incident, kind: type[events.IncidentOpened]) -> None:
    """Record an event about the incident as it is now. Needs the open unit of work."""
    rows = list(
        incident.affected.select_related("station")
        .order_by("pk")
        .only("evse_id", "station__identity", "station__ocpp_version", "station__network_id")[
            : MOST_NAMED * 4
        ]
    )
    named = list(dict.fromkeys(row.station.identity for row in rows))
    only = rows[0].station.subject if len(named) == 1 else Subject(network_id=incident.network_id)
    events.record(
        only,
        kind(
            incident_id=incident.pk,
            kind=incident.kind,
            severity=incident.severity,
            state=incident.state,
            title=incident.title,
            summary=incident.summary or None,
            group=incident.group or None,
            stations=incident.affected.values("station").distinct().count(),
            identities=tuple(named[:MOST_NAMED]),
            evse_id=rows[0].evse_id if len(rows) == 1 else None,
            occurrences=incident.occurrences,
            began_at=incident.first_at,
            assignee=incident.assignee.get_username() if incident.assignee else None,
            acknowledged_by=incident.acknowledged_by or None,
            acknowledged_at=incident.acknowledged_at,
            resolved_by=incident.resolved_by or None,
            resolved_at=incident.resolved_at,
            resolution=incident.resolution or None,
        ),
    )


def note_action(
    incident: Incident,
    verb: str,
    by: str,
    detail: Mapping[str, object] | None = None,
    address: str | None = None,
) -> None:
    """Write a person's or playbook's action into the audit log. Needs the open unit of work."""
    named = {"title": incident.title, **(detail or {})}
    audit.record(incident.network_id, by, f"incident.{verb}", incident.pk, named, address)
