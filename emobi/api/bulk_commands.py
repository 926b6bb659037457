"""`/commands/bulk`: one command to many stations, paced."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.commands import Reason
from emobi.api.fields import Time, body
from emobi.api.stations import Version
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Network, Role
from stations import selectors
from stations.models import BulkCommand, BulkState, BulkTarget, Connectivity, Station
from stations.services.commanding import bulk_commands, commands

router = Router(tags=["commands"])

Text = Annotated[str, StringConstraints(max_length=255)]


class StationFilter(BaseModel):
    """As the filters of `GET /stations`; none of them: every station."""

    model_config = ConfigDict(extra="forbid")

    connectivity: Connectivity | None = None
    status: Annotated[str, StringConstraints(max_length=40)] | None = None
    q: Annotated[str, StringConstraints(max_length=100)] | None = None
    version: Version | None = None
    vendor: Text | None = None
    model: Text | None = None
    firmware: Text | None = None


class BulkIn(BaseModel):
    """A command, and whom to ask: either by identities or by a filter."""

    model_config = body(
        {"command": "clear_cache", "filter": {}},
        {
            "command": "set_config",
            "params": {
                "variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}]
            },
            "filter": {"version": "1.6"},
            "per_second": 2,
            "stop_at_failure_rate": 0.2,
            "reason": "Their heartbeats are too many for the depot's modem.",
            "idempotency_key": "ticket-4712",
        },
    )

    command: str = Field(max_length=64)
    params: dict[str, Any] = Field(default_factory=dict)
    identities: list[Annotated[str, StringConstraints(max_length=64)]] | None = Field(
        None, min_length=1, max_length=bulk_commands.MOST_STATIONS, description="Asked in this order."
    )
    filter: StationFilter | None = Field(None, description="The stations that it finds now, by identity.")
    per_second: float = Field(
        5,
        ge=bulk_commands.SLOWEST_PER_S,
        le=bulk_commands.FASTEST_PER_S,
        allow_inf_nan=False,
        description="How many stations are asked in a second, at most.",
    )
    concurrency: int = Field(
        20,
        ge=1,
        le=bulk_commands.MOST_AT_ONCE,
        description="How many of the commands are under way at once, at most.",
    )
    stop_at_failure_rate: float | None = Field(
        None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Stop when more than this share has failed, of five or more that have ended. 0: at once.",
    )
    expires_in_s: float = Field(
        60,
        gt=0,
        le=commands.LONGEST_EXPIRY_S,
        allow_inf_nan=False,
        description="How long each command may wait for its station to connect.",
    )
    reason: Reason | None = Field(None, description="Why, for the audit log.")
    idempotency_key: str | None = Field(
        None, min_length=1, max_length=200, description="The same key again gives the same bulk command."
    )


class BulkOut(BaseModel):
    """A bulk command, and how far it has come."""

    bulk_id: str
    command: str
    params: dict[str, Any]
    state: BulkState
    reason: str | None = Field(description="Why it ended before its last station.")
    stations: int
    counts: dict[str, int] = Field(
        description="Stations by the state of their commands; `waiting`: not asked yet, or never when it is "
        "over; `refused`: may not be asked."
    )
    per_second: float
    concurrency: int
    stop_at_failure_rate: float | None
    requested_by: str
    created_at: Time
    ended_at: Time | None


class BulkTargetOut(BaseModel):
    """What came of a station."""

    station: str
    state: str = Field(description="As in `counts`.")
    command_id: str | None
    status: str | None = Field(description="The station's word for it.")
    reason: str | None
    ended_at: Time | None


def shown(bulk: BulkCommand, counts: dict[str, int]) -> dict[str, Any]:
    """A bulk command as the API shows it."""
    return {
        "bulk_id": bulk.pk,
        "command": bulk.name,
        "params": bulk.shown_params,
        "state": bulk.state,
        "reason": bulk.reason or None,
        "stations": sum(counts.values()),
        "counts": counts,
        "per_second": bulk.per_second,
        "concurrency": bulk.concurrency,
        "stop_at_failure_rate": bulk.stop_at_failure_rate,
        "requested_by": bulk.requested_by,
        "created_at": bulk.created_at,
        "ended_at": bulk.ended_at,
    }


@router.post("", response={202: BulkOut}, summary="Send a command to many stations")
def send_bulk_command(request: HttpRequest, body: BulkIn) -> Status[dict[str, Any]]:
    """Needs the role operator, or the one that the catalogue says."""
    key = auth.demand(request, Role.OPERATOR)
    # Whoever says why in other words asks for the same.
    asked = body.model_dump(mode="json", exclude={"reason"})
    same: dict[str, Any] = {
        "role": Role(key.role), "idempotency_key": body.idempotency_key, "asked": asked,
    }  # fmt: skip
    # Before its stations are looked for: one may have been deleted since.
    bulk = bulk_commands.earlier(key.network, body.command, **same) or bulk_commands.request(
        key.network,
        _stations(key.network, body),
        body.command,
        body.params,
        requested_by=auth.actor(key),
        per_second=body.per_second,
        concurrency=body.concurrency,
        stop_at_failure_rate=body.stop_at_failure_rate,
        expires_in_s=body.expires_in_s,
        address=client_address(request),
        reason=body.reason or "",
        **same,
    )
    return Status(202, _now(bulk))


def _stations(network: Network, body: BulkIn) -> list[Station]:
    if (body.identities is None) == (body.filter is None):
        raise Invalid("Name the stations by identities or by a filter, not both.", "identities")
    if body.identities is not None:
        return selectors.named(network, body.identities)
    assert body.filter is not None
    found = selectors.stations(network, **body.filter.model_dump())
    return list(found.prefetch_related(None)[: bulk_commands.MOST_STATIONS + 1])


@router.get("", response=paging.Page[BulkOut], summary="Bulk commands, the newest first")
def list_bulk_commands(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Each with how far it has come."""
    found = selectors.bulk_commands(auth.network_of(request), before=paging.decode(cursor))
    page = paging.page(found, limit, key=lambda bulk: bulk.pk, shown=lambda bulk: {"bulk": bulk})
    bulks = [item["bulk"] for item in page["items"]]
    counts = bulk_commands.counts(bulks)
    return page | {"items": [shown(bulk, counts[bulk.pk]) for bulk in bulks]}


@router.get("/{segment:bulk_id}", response=BulkOut, summary="One bulk command")
def read_bulk_command(request: HttpRequest, bulk_id: str) -> dict[str, Any]:
    """How far it has come."""
    return _now(bulk_commands.get(auth.network_of(request), bulk_id))


@router.get(
    "/{segment:bulk_id}/stations", response=paging.Page[BulkTargetOut], summary="What came of each station"
)
def list_bulk_targets(
    request: HttpRequest, bulk_id: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """In the order in which they are asked."""
    bulk = bulk_commands.get(auth.network_of(request), bulk_id)
    found = selectors.bulk_targets(bulk, after=paging.decode_number(cursor))
    return paging.page(found, limit, key=lambda target: target.position, shown=_target)


@router.post("/{segment:bulk_id}/cancel", response=BulkOut, summary="Take a bulk command back")
def cancel_bulk_command(request: HttpRequest, bulk_id: str) -> dict[str, Any]:
    """Nobody is asked any more, and what waits for its station is taken back. 409 if it is over already."""
    key = auth.demand(request, Role.OPERATOR)
    bulk = bulk_commands.get(key.network, bulk_id)
    actor, role = auth.actor(key), Role(key.role)
    if not bulk_commands.cancel(bulk, by=actor, role=role, address=client_address(request)):
        raise Conflict("It is over already.")
    return _now(bulk)


def _now(bulk: BulkCommand) -> dict[str, Any]:
    return shown(bulk, bulk_commands.counts([bulk])[bulk.pk])


def _target(target: BulkTarget) -> dict[str, Any]:
    command = target.command
    outcome = (command.outcome if command else None) or {}
    state = bulk_commands.REFUSED if target.refusal else bulk_commands.WAITING
    return {
        "station": target.station.identity,
        "state": command.state if command else state,
        "command_id": target.command_id,
        "status": outcome.get("status"),
        "reason": outcome.get("reason") or target.refusal or None,
        "ended_at": command.ended_at if command else None,
    }
