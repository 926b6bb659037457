"""`/incident-rules`: when something becomes an incident."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from sessions.services import incident_findings
from stations import incidents
from stations.models import IncidentKind, IncidentRule, Severity
from stations.services.incidents import back_test, departures, rules

router = Router(tags=["incidents"])

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Value = int | list[Annotated[str, Field(max_length=100)]]
Scope = Annotated[
    dict[Literal["site", "tag", "vendor", "model"], Annotated[str, Field(max_length=255)]],
    Field(description="Only stations of this site, with this tag, of this vendor and model; empty: all."),
]


class RuleEdit(BaseModel):
    """What is to be different."""

    model_config = body({"severity": "critical", "for_s": 60}, {"params": {}}, {"scope": {"site": "Depot A"}})

    severity: Severity | None = None
    params: dict[str, Value] | None = Field(None, description="Only those that change.")
    for_s: int | None = Field(None, ge=0, le=rules.LONGEST_FOR_S, description="How long it must last.")
    scope: Scope | None = None


class RuleChanges(RuleEdit):
    """What is to be different."""

    model_config = body({"severity": "critical"}, {"enabled": False})

    name: Name | None = None
    auto_resolve: bool | None = Field(None, description="Whether its incidents end with their cause.")
    enabled: bool | None = None


class RuleIn(RuleChanges):
    """One more rule of a kind."""

    model_config = body({"name": "Depot A offline", "kind": "offline", "scope": {"site": "Depot A"}})

    name: Name
    kind: IncidentKind


class RuleOut(BaseModel):
    """A rule."""

    rule_id: int
    name: str
    kind: IncidentKind
    severity: Severity
    params: dict[str, Value]
    for_s: int
    scope: dict[str, str]
    auto_resolve: bool
    enabled: bool
    shipped: bool = Field(description="Every network has it: it can be switched off, not deleted.")
    changed_at: Time
    changed_by: str


class WouldBeOut(BaseModel):
    """An incident that would have been."""

    title: str
    severity: Severity
    began_at: Time
    opened_at: Time
    ended_at: Time | None = Field(description="null: it would be open now.")
    occurrences: int
    stations: int
    identities: list[str] = Field(description="The first 50.")


class BackTestOut(BaseModel):
    """What came of a back-test."""

    basis: Literal["events", "now"] = Field(
        description="events: those of the last 7 days. now: rows as they are, for what no event tells."
    )
    since: Time = Field(serialization_alias="from")
    until: Time = Field(serialization_alias="to")
    events: int = Field(description="How many were looked at.")
    total: int = Field(description="How many incidents there would have been.")
    stations: int
    incidents: list[WouldBeOut] = Field(description="The newest 200 of them.")


def shown(rule: IncidentRule) -> dict[str, Any]:
    """A rule as the API shows it."""
    names = ("name", "kind", "severity", "params", "for_s", "scope", "auto_resolve", "enabled", "shipped")
    return {
        "rule_id": rule.pk,
        **{name: getattr(rule, name) for name in names},
        "changed_at": rule.changed_at,
        "changed_by": rule.changed_by,
    }


@router.get("", response=paging.Page[RuleOut], summary="Rules that open incidents, the oldest first")
def list_incident_rules(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Those of the network."""
    found = incidents.rules(auth.network_of(request))
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(pk__gt=after)
    return paging.page(found, limit, key=lambda rule: rule.pk, shown=shown)


@router.post("", response={201: RuleOut}, summary="Add a rule")
def create_incident_rule(request: HttpRequest, body: RuleIn) -> Status[dict[str, Any]]:
    """Needs the role engineer. One more of a kind that there is, for instance for one site only."""
    key = auth.demand(request, Role.ENGINEER)
    said = body.model_dump(exclude_unset=True, exclude_none=True)
    made = rules.create(key.network, by=auth.actor(key), address=client_address(request), **said)
    return Status(201, shown(made))


@router.get("/{rule_id}", response=RuleOut, summary="One rule")
def read_incident_rule(request: HttpRequest, rule_id: Id) -> dict[str, Any]:
    """As it is now."""
    return shown(rules.of_network(auth.network_of(request), rule_id))


@router.patch("/{rule_id}", response=RuleOut, summary="Change a rule, or switch it off")
def change_incident_rule(request: HttpRequest, rule_id: Id, body: RuleChanges) -> dict[str, Any]:
    """Needs the role engineer. Switched off, its incidents resolve."""
    key = auth.demand(request, Role.ENGINEER)
    found = rules.of_network(key.network, rule_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return shown(rules.change(found, changes, by=auth.actor(key), address=client_address(request)))


@router.delete("/{rule_id}", response={204: None}, summary="Delete a rule that was added")
def delete_incident_rule(request: HttpRequest, rule_id: Id) -> Status[None]:
    """Needs the role engineer. Its incidents resolve."""
    key = auth.demand(request, Role.ENGINEER)
    found = rules.of_network(key.network, rule_id)
    departures.delete_rule(found, by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@router.post(
    "/{rule_id}/back-test", response=BackTestOut, by_alias=True, summary="What a rule would have opened"
)
def back_test_incident_rule(request: HttpRequest, rule_id: Id, body: RuleEdit) -> dict[str, Any]:
    """Needs the role engineer. In the last 7 days, by the rule as it is, or with changes that aren't kept."""
    key = auth.demand(request, Role.ENGINEER)
    rule = rules.edited(
        rules.of_network(key.network, rule_id), body.model_dump(exclude_unset=True, exclude_none=True)
    )
    result = back_test.run(rule, incident_findings.FINDERS)
    return {
        "basis": result.basis,
        "since": result.since,
        "until": result.until,
        "events": result.events,
        "total": result.total,
        "stations": result.stations,
        "incidents": result.would_be,
    }
