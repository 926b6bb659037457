"""`/incidents`: what is wrong, who looks after it, and how it ended."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import AwareDatetime, BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core import ulid
from emobi.core.models import Role
from stations import incidents, selectors
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentEntry,
    IncidentKind,
    IncidentState,
    IncidentStation,
    Resolution,
    Severity,
)
from stations.services.incidents import handling, opening, splitting
from stations.services.incidents.opening import Affected, Finding

router = Router(tags=["incidents"])

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Note = Annotated[str, Field(max_length=handling.LONGEST_NOTE, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Field(min_length=1, max_length=26)]

# So many stations are told with an incident; the rest has a list of its own.
MOST_STATIONS = 100


class IncidentIn(BaseModel):
    """Something that no rule has found."""

    model_config = body(
        {"title": "Cable stolen at Depot A", "severity": "major", "stations": ["alpha"]},
    )

    title: Line
    severity: Severity = Severity.MINOR
    summary: str = Field("", max_length=500, pattern=r"^[^\x00]*$")
    stations: list[Annotated[str, Field(min_length=1, max_length=48)]] = Field([], max_length=1000)


class Assignment(BaseModel):
    """Who is to look after it."""

    model_config = body({"assignee": None})

    assignee: str | None = Field(max_length=150, description="The login of a person of the network; or null.")


class Snooze(BaseModel):
    """Until when it is hidden."""

    model_config = body({"for_s": 3600}, {"until": None})

    until: AwareDatetime | None = Field(None, description="At most 30 days away; null: show it again.")
    for_s: int | None = Field(None, ge=1, le=30 * 86_400, description="Instead of a time: for so long.")


class Ending(BaseModel):
    """How it was put right."""

    model_config = body({"note": "Fuse replaced."})

    note: Note = ""


class Merging(BaseModel):
    """Which others are part of it."""

    model_config = body({"incident_ids": ["01KAN3F6VBA0C8J4V7Q2M5X9NC"]})

    incident_ids: list[Id] = Field(min_length=1, max_length=handling.MOST_MERGED)


class Splitting(BaseModel):
    """Which of its stations are another matter."""

    model_config = body({"stations": ["alpha"]})

    stations: list[Annotated[str, Field(min_length=1, max_length=48)]] = Field(
        min_length=1, max_length=splitting.MOST_SPLIT
    )


class NoteIn(BaseModel):
    """What is to be remembered."""

    model_config = body({"text": "The site's owner was called."})

    text: Note


class IncidentOut(BaseModel):
    """An incident."""

    incident_id: str
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    snoozed_until: Time | None
    title: str
    summary: str | None
    group: str | None = Field(description="What its stations have in common; null: it isn't about a group.")
    stations: int = Field(description="How many it takes, or took.")
    stations_affected: int = Field(description="How many of them still are.")
    occurrences: int
    began_at: Time
    last_at: Time = Field(description="When it last began or grew.")
    opened_at: Time
    reopened_at: Time | None = Field(
        description="When it had last begun again; both times below count from then."
    )
    opened_by: str
    assignee: str | None
    acknowledged_at: Time | None
    acknowledged_by: str | None
    resolved_at: Time | None
    resolved_by: str | None
    resolution: Resolution | None
    merged_into: str | None
    time_to_acknowledge_s: float | None
    time_to_resolve_s: float | None
    rule_id: int | None


class AffectedOut(BaseModel):
    """A station that it takes or took."""

    station: str
    evse_id: int | None
    since: Time
    recovered_at: Time | None


class CauseOut(BaseModel):
    """Something that it is about, no station's."""

    kind: IncidentKind
    title: str
    since: Time
    evidence: dict[str, Any]


class EntryOut(BaseModel):
    """A line of the timeline."""

    at: Time
    by: str
    what: str
    detail: dict[str, Any]


class IncidentDetail(IncidentOut):
    """An incident with what it was opened on, its first 100 stations, and its timeline."""

    evidence: dict[str, Any]
    affected: list[AffectedOut]
    other_causes: list[CauseOut] = Field(
        description="What it is about that is no station's, as a webhook that fails, and isn't over."
    )
    timeline: list[EntryOut]


def shown(incident: Incident, counts: tuple[int, int]) -> dict[str, Any]:
    """An incident as the API shows it; ``counts`` as `incidents.station_counts` has them."""
    to_acknowledge, to_resolve = incidents.times(incident)
    return {
        "incident_id": incident.pk,
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "snoozed_until": incident.snoozed_until,
        "title": incident.title,
        "summary": incident.summary or None,
        "group": incident.group or None,
        "stations": counts[0],
        "stations_affected": counts[1],
        "occurrences": incident.occurrences,
        "began_at": incident.first_at,
        "last_at": incident.last_at,
        "opened_at": incident.opened_at,
        "reopened_at": incident.reopened_at,
        "opened_by": incident.opened_by,
        "assignee": incident.assignee.get_username() if incident.assignee else None,
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": incident.acknowledged_by or None,
        "resolved_at": incident.resolved_at,
        "resolved_by": incident.resolved_by or None,
        "resolution": incident.resolution or None,
        "merged_into": incident.merged_into_id,
        "time_to_acknowledge_s": _seconds(to_acknowledge),
        "time_to_resolve_s": _seconds(to_resolve),
        "rule_id": incident.rule_id,
    }


def _seconds(span: timedelta | None) -> float | None:
    return round(span.total_seconds(), 3) if span is not None else None


def _one(incident: Incident) -> dict[str, Any]:
    return shown(incident, incidents.station_counts([incident]).get(incident.pk, (0, 0)))


def _affected(row: IncidentStation) -> dict[str, Any]:
    return {
        "station": row.station.identity,
        "evse_id": row.evse_id,
        "since": row.since,
        "recovered_at": row.recovered_at,
    }


def _cause(condition: IncidentCondition) -> dict[str, Any]:
    return {
        "kind": condition.rule.kind,
        "title": condition.title,
        "since": condition.since,
        "evidence": condition.evidence,
    }


def _entry(entry: IncidentEntry) -> dict[str, Any]:
    return {"at": entry.at, "by": entry.by, "what": entry.what, "detail": entry.detail}


@router.get("", response=paging.Page[IncidentOut], summary="Incidents, the newest first")
def list_incidents(
    request: HttpRequest,
    state: Annotated[Literal["open", "acknowledged", "resolved", "unresolved"] | None, Query()] = None,
    severity: Annotated[Severity | None, Query()] = None,
    kind: Annotated[IncidentKind | None, Query()] = None,
    station: Annotated[
        str | None, Query(max_length=48, description="Identity: what takes or took it.")
    ] = None,
    assignee: Annotated[str | None, Query(max_length=150, description="A login; empty: nobody.")] = None,
    snoozed: Annotated[bool | None, Query(description="Whether they are hidden now.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in it, or of an identity.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Those of the network."""
    found = list(
        incidents.incidents(
            auth.network_of(request),
            state=state,
            severity=severity,
            kind=kind,
            station=station,
            assignee=assignee,
            snoozed=snoozed,
            q=q,
            before=paging.decode(cursor),
        )[: limit + 1]
    )
    counts = incidents.station_counts(found)
    return {
        "items": [shown(each, counts.get(each.pk, (0, 0))) for each in found[:limit]],
        "next": paging.encode(found[limit - 1].pk) if len(found) > limit else None,
    }


@router.post("", response={201: IncidentOut}, summary="Open an incident")
def create_incident(request: HttpRequest, body: IncidentIn) -> Status[dict[str, Any]]:
    """Needs the role operator. It is of the kind `other`, and doesn't resolve by itself."""
    key = auth.demand(request, Role.OPERATOR)
    opened = opening.open_by_hand(
        key.network,
        Finding(
            kind=IncidentKind.OTHER,
            key=f"other:{ulid.new()}",
            severity=body.severity,
            title=body.title,
            summary=body.summary,
            affected=[Affected.from_now(station) for station in selectors.named(key.network, body.stations)],
        ),
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _one(opened))


@router.get("/{segment:incident_id}", response=IncidentDetail, summary="One incident")
def read_incident(request: HttpRequest, incident_id: str) -> dict[str, Any]:
    """With its timeline, the oldest first."""
    found = incidents.incident(auth.network_of(request), incident_id)
    return _one(found) | {
        "evidence": found.evidence,
        "affected": [_affected(row) for row in incidents.affected(found)[:MOST_STATIONS]],
        "other_causes": [_cause(each) for each in incidents.other_causes(found).select_related("rule")],
        "timeline": [_entry(entry) for entry in incidents.entries(found)],
    }


@router.get(
    "/{segment:incident_id}/stations",
    response=paging.Page[AffectedOut],
    summary="The stations that an incident takes or took",
)
def list_incident_stations(
    request: HttpRequest, incident_id: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """In the order in which they became known."""
    found = incidents.incident(auth.network_of(request), incident_id)
    rows = incidents.affected(found, after=paging.decode_number(cursor))
    return paging.page(rows, limit, key=lambda row: row.pk, shown=_affected)


@router.post("/{segment:incident_id}/acknowledge", response=IncidentOut, summary="Look after an incident")
def acknowledge_incident(request: HttpRequest, incident_id: str) -> dict[str, Any]:
    """Needs the role operator. Acknowledged already, it stays as it is."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    return _one(handling.acknowledge(found, by=auth.actor(key), address=client_address(request)))


@router.post("/{segment:incident_id}/assign", response=IncidentOut, summary="Say who looks after an incident")
def assign_incident(request: HttpRequest, incident_id: str, body: Assignment) -> dict[str, Any]:
    """Needs the role operator."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    user = handling.member(key.network, body.assignee) if body.assignee else None
    return _one(handling.assign(found, user, by=auth.actor(key), address=client_address(request)))


@router.post("/{segment:incident_id}/snooze", response=IncidentOut, summary="Hide an incident for a while")
def snooze_incident(request: HttpRequest, incident_id: str, body: Snooze) -> dict[str, Any]:
    """Needs the role operator. It is shown again when the time has come, or when it gets worse."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    until = handling.from_now(body.for_s) if body.for_s else body.until
    return _one(handling.snooze(found, until, by=auth.actor(key), address=client_address(request)))


@router.post("/{segment:incident_id}/resolve", response=IncidentOut, summary="End an incident")
def resolve_incident(request: HttpRequest, incident_id: str, body: Ending) -> dict[str, Any]:
    """Needs the role operator. What is still the case doesn't open it again; what begins anew does."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    by, address = auth.actor(key), client_address(request)
    return _one(handling.resolve(found, by=by, note=body.note, address=address))


@router.post("/{segment:incident_id}/merge", response=IncidentOut, summary="Make others part of an incident")
def merge_incidents(request: HttpRequest, incident_id: str, body: Merging) -> dict[str, Any]:
    """Needs the role operator. It takes over their stations, and they end as `merged`."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    others = [incidents.incident(key.network, each) for each in dict.fromkeys(body.incident_ids)]
    return _one(handling.merge(found, others, by=auth.actor(key), address=client_address(request)))


@router.post(
    "/{segment:incident_id}/split",
    response={201: IncidentOut},
    summary="Make stations of an incident one of their own",
)
def split_incident(request: HttpRequest, incident_id: str, body: Splitting) -> Status[dict[str, Any]]:
    """Needs the role operator. The answer is the new one; the other one goes on without them."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    stations = selectors.named(key.network, body.stations)
    made = splitting.split(found, stations, by=auth.actor(key), address=client_address(request))
    return Status(201, _one(made))


@router.post("/{segment:incident_id}/notes", response={201: IncidentOut}, summary="Add a note to an incident")
def note_incident(request: HttpRequest, incident_id: str, body: NoteIn) -> Status[dict[str, Any]]:
    """Needs the role operator."""
    key = auth.demand(request, Role.OPERATOR)
    found = incidents.incident(key.network, incident_id)
    noted = handling.note(found, body.text, by=auth.actor(key), address=client_address(request))
    return Status(201, _one(noted))
