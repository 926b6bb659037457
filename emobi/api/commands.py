"""`/commands` and `/stations/{identity}/commands`: one control surface for every version."""

import time
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field, StringConstraints

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body, example
from emobi.core import nudge
from emobi.core.errors import Conflict
from emobi.core.models import ApiKey, Network, Role
from stations import selectors
from stations.commands import catalogue, custom_data
from stations.commands.entry import Entry
from stations.models import Command, CommandState, Station
from stations.services.commanding import command_parts, commands

router = Router(tags=["commands"])
of_station = Router(tags=["commands"])

LONGEST_WAIT_S = 60.0
# A nudge may be lost; then the row is looked at this often.
LOOK_EVERY_S = 1.0

Reason = Annotated[str, StringConstraints(max_length=commands.LONGEST_REASON, strip_whitespace=True)]


class CommandIn(BaseModel):
    """A command; `commands/catalogue` has the names and params."""

    model_config = body(
        {
            "command": "reset",
            "params": {"type": "OnIdle"},
            "reason": "Its screen is frozen.",
            "idempotency_key": "ticket-4711",
        },
        {"command": "clear_cache"},
    )

    command: str = Field(max_length=64)
    params: dict[str, Any] = Field(default_factory=dict)
    expires_in_s: float = Field(
        60,
        gt=0,
        le=commands.LONGEST_EXPIRY_S,
        allow_inf_nan=False,
        description="How long it may wait for the station to connect.",
    )
    reason: Reason | None = Field(None, description="Why, for the audit log.")
    idempotency_key: str | None = Field(
        None, max_length=200, description="The same key again gives the same command."
    )


class CommandOut(BaseModel):
    """A command and what came of it."""

    model_config = example(
        {
            "command_id": "01KAN3F6VB07C8J4V7Q2M5X9TH",
            "station": "CP001",
            "command": "reset",
            "params": {"type": "Immediate"},
            "state": "accepted",
            "outcome": {
                "status": "Accepted",
                "detail": {},
                "reason": None,
                "raw": {"status": "Accepted"},
                "verification": {
                    "state": "verified",
                    "within_s": 300,
                    "detail": {"reason": "RemoteReset", "firmware_version": "1.0.3", "after_s": 41.2},
                },
            },
            "requested_by": "key:ek_9f2c",
            "created_at": "2026-11-22T07:00:00.000Z",
            "expires_at": "2026-11-22T07:01:00.000Z",
            "sent_at": "2026-11-22T07:00:00.020Z",
            "ended_at": "2026-11-22T07:00:00.310Z",
        }
    )

    command_id: str
    station: str
    command: str
    params: dict[str, Any]
    state: CommandState
    outcome: dict[str, Any] | None = Field(
        description="`status` and `detail`: the station's answer in its normal form; "
        "`reason`: why there is none; `raw`: the answer as it came; `report`: what it asked for, "
        "`items` and their `count`, `complete` once all parts have come. A list has no `items`."
    )
    requested_by: str
    created_at: Time
    expires_at: Time
    sent_at: Time | None
    ended_at: Time | None


class CatalogueEntry(BaseModel):
    """A command that can be sent."""

    command: str
    description: str
    role: Role
    versions: list[str]
    params_schema: dict[str, Any]
    example: dict[str, Any]
    effect: str
    supported: bool | None = Field(
        description="Whether the named station can be asked; null: none was named, or it never connected."
    )
    reason: str | None = Field(description="Why it can't.")


def shown(command: Command, identity: str, report: dict[str, Any] | None) -> dict[str, Any]:
    """A command as the API shows it, with the report that it asked for."""
    outcome = command.outcome
    if outcome is not None and report is not None:
        outcome = outcome | {"report": report}
    return {
        "command_id": command.pk,
        "station": identity,
        "command": command.name,
        "params": command.shown_params,
        "state": command.state,
        "outcome": outcome,
        "requested_by": command.requested_by,
        "created_at": command.created_at,
        "expires_at": command.expires_at,
        "sent_at": command.sent_at,
        "ended_at": command.ended_at,
    }


@router.get("/catalogue", response=paging.Page[CatalogueEntry], summary="What can be asked of a station")
def read_catalogue(
    request: HttpRequest,
    station: Annotated[
        str | None, Query(max_length=64, description="Identity of the station that is to be asked.")
    ] = None,
) -> dict[str, Any]:
    """Each command with the JSON Schema of its params and an example; all of them on one page."""
    network = auth.network_of(request)
    asked = None if station is None else selectors.station(network, station)
    return {"items": [_entry(entry, asked) for entry in catalogue.ENTRIES.values()], "next": None}


def _entry(entry: Entry, station: Station | None) -> dict[str, Any]:
    supported, reason = (None, None) if station is None else commands.can_ask(station, entry)
    return {
        "command": entry.command,
        "description": entry.description,
        "role": entry.role,
        "versions": list(entry.versions),
        "params_schema": _params_schema(entry),
        "example": entry.example,
        "effect": entry.effect,
        "supported": supported,
        "reason": reason,
    }


def _params_schema(entry: Entry) -> dict[str, Any]:
    return custom_data.described(entry.params_schema) if "2.0.1" in entry.versions else entry.params_schema


@router.get("/{segment:command_id}", response=CommandOut, summary="One command")
def read_command(request: HttpRequest, command_id: str) -> dict[str, Any]:
    """With its state and outcome."""
    command = commands.get(auth.network_of(request), command_id)
    return _with_report(command)


@router.post("/{segment:command_id}/cancel", response=CommandOut, summary="Take a command back")
def cancel_command(request: HttpRequest, command_id: str) -> dict[str, Any]:
    """What was sent can't be taken back, nor what has ended: 409."""
    key = auth.demand(request, Role.OPERATOR)
    command = commands.get(key.network, command_id)
    actor, role = auth.actor(key), Role(key.role)
    if not commands.cancel(command, by=actor, role=role, address=client_address(request)):
        raise Conflict("It was sent already, or has ended.")
    return _with_report(command)


@of_station.get(
    "/{segment:identity}/commands",
    response=paging.Page[CommandOut],
    summary="A station's commands, the newest first",
)
def list_commands(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """What was asked of the station. The items of reports are left out: one command's has them."""
    station = selectors.station(auth.network_of(request), identity)
    found = selectors.commands(station, before=paging.decode(cursor))
    return paging.page(
        found,
        limit,
        key=lambda command: command.pk,
        shown=lambda command: shown(command, station.identity, command_parts.summary(command)),
    )


@of_station.post(
    "/{segment:identity}/commands",
    response={202: CommandOut, 200: CommandOut},
    summary="Send a command",
)
async def send_command(
    request: HttpRequest,
    identity: str,
    body: CommandIn,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=LONGEST_WAIT_S,
            allow_inf_nan=False,
            description="Hold the answer until the command ends, or so many seconds.",
        ),
    ] = 0,
) -> Status[dict[str, Any]]:
    """Needs the role operator, or the one that the catalogue says.

    The answer is 202 while the command's end is still to come, and 200 with its outcome once it has ended.
    """
    key = auth.demand(request, Role.OPERATOR)
    deadline = time.monotonic() + wait
    command = await sync_to_async(_request)(key, identity, body, client_address(request))
    if wait and CommandState(command.state).open:
        command = await _ended(key.network, command.pk, deadline)
    answer = await sync_to_async(_with_report)(command)
    return Status(202 if CommandState(command.state).open else 200, answer)


def _with_report(command: Command) -> dict[str, Any]:
    return shown(command, command.station.identity, command_parts.report(command))


def _request(key: ApiKey, identity: str, body: CommandIn, address: str | None) -> Command:
    station = selectors.station(key.network, identity)
    return commands.request(
        key.network,
        station,
        body.command,
        body.params,
        requested_by=auth.actor(key),
        role=Role(key.role),
        expires_in_s=body.expires_in_s,
        idempotency_key=body.idempotency_key,
        address=address,
        reason=body.reason or "",
    )


async def _ended(network: Network, command_id: str, deadline: float) -> Command:
    """The command at its end, or as it is at ``deadline`` (monotonic seconds)."""
    async with nudge.listening(f"command.{command_id}") as nudges:
        while True:
            command = await sync_to_async(commands.get)(network, command_id)
            left = deadline - time.monotonic()
            if not CommandState(command.state).open or left <= 0:
                return command
            await nudges.wait(min(left, LOOK_EVERY_S))
