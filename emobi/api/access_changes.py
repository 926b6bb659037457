"""`/stations/{identity}/access-changes`: another password, a higher security profile, without a lock-out."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations import selectors
from stations.commands.certificates import EXAMPLE
from stations.commands.network_profiles import OcppInterface
from stations.models import AccessChange
from stations.services.trust import access_changes

of_station = Router(tags=["stations"])

WsUrl = Annotated[str, Field(pattern=r"^wss?://[^\s/]\S*$", max_length=512)]


class AccessChangeIn(BaseModel):
    """A new password, made at random, that nobody but the station gets to know; or a higher security profile.

    What the profile needs on the way, a password or a certificate, is part of the change.
    """

    model_config = body({"kind": "security_profile", "security_profile": 2, "root": EXAMPLE})

    kind: Literal["password", "security_profile"]
    security_profile: int | None = Field(None, ge=1, le=3, description="The one to reach.")
    root: str | None = Field(
        None, max_length=5500, description="PEM of the root of our server's certificate, if it needs it."
    )
    url: WsUrl | None = Field(
        None, description="2.0.1: where it is to connect, without its identity; else ours."
    )
    slot: int | None = Field(
        None, ge=1, le=99, description="2.0.1: of its network profiles; else a free one."
    )
    ocpp_interface: OcppInterface | None = Field(None, description="2.0.1; else Wired0.")


class StepOut(BaseModel):
    """One step: a command, or the station's coming in."""

    step: str
    state: Literal["pending", "running", "done", "failed"]
    command_id: str | None
    attempts: int
    reason: str | None


class ChangeOut(BaseModel):
    """A change, and how far it is."""

    change_id: str
    kind: Literal["password", "security_profile"]
    security_profile: int | None
    state: Literal["running", "succeeded", "failed", "cancelled"]
    reason: str | None
    steps: list[StepOut]
    requested_by: str
    created_at: Time
    ended_at: Time | None


def shown(change: AccessChange) -> dict[str, Any]:
    """A change as the API shows it."""
    return {
        "change_id": change.pk,
        "kind": change.kind,
        "security_profile": change.params.get("security_profile"),
        "state": change.state,
        "reason": change.reason or None,
        "steps": [
            {**{name: step.get(name) for name in StepOut.model_fields}, "reason": step.get("reason") or None}
            for step in change.steps
        ],
        "requested_by": change.requested_by,
        "created_at": change.created_at,
        "ended_at": change.ended_at,
    }


@of_station.get(
    "/{segment:identity}/access-changes",
    response=paging.Page[ChangeOut],
    summary="Changes of how a station gets in, the newest first",
)
def list_access_changes(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """With the steps of each."""
    station = selectors.station(auth.network_of(request), identity)
    found = AccessChange.objects.filter(station=station).order_by("-pk")
    before = paging.decode(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found, limit, key=lambda change: change.pk, shown=shown)


@of_station.post(
    "/{segment:identity}/access-changes",
    response={201: ChangeOut},
    summary="Change a station's password, or raise its security profile",
)
def create_access_change(request: HttpRequest, identity: str, body: AccessChangeIn) -> Status[dict[str, Any]]:
    """Needs the role admin. What lets the station in now does so until it has come in with the new."""
    key = auth.demand(request, Role.ADMIN)
    station = selectors.station(key.network, identity)
    by, address = auth.actor(key), client_address(request)
    said = body.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
    if body.kind == "password":
        if said:
            raise Invalid("A new password needs no more than that.", next(iter(said)))
        return Status(201, shown(access_changes.change_password(station, by=by, address=address)))
    to = said.pop("security_profile", None)
    if to is None:
        raise Invalid("Name the security profile to reach.", "security_profile")
    return Status(201, shown(access_changes.raise_profile(station, to, by=by, address=address, **said)))


@of_station.post(
    "/{segment:identity}/access-changes/{segment:change_id}/cancel",
    response=ChangeOut,
    summary="Stop a change",
)
def cancel_access_change(request: HttpRequest, identity: str, change_id: str) -> dict[str, Any]:
    """Needs the role admin. A station that was told already may use the new, or stay with the old."""
    key = auth.demand(request, Role.ADMIN)
    station = selectors.station(key.network, identity)
    change = access_changes.cancel(station, change_id, by=auth.actor(key), address=client_address(request))
    return shown(change)
