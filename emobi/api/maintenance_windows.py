"""`/maintenance-windows`: maintenance that is planned, and begins and ends by itself."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Bound, Time, body, example
from emobi.core import clock
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Role
from stations import selectors
from stations.models import MaintenanceWindow, WindowState
from stations.services.registry import maintenance_windows

router = Router(tags=["maintenance"])

LONGEST_S = int(maintenance_windows.LONGEST.total_seconds())
# A list tells so many of the stations that each of its windows names; the window itself tells all.
MOST_NAMED = 100


class WindowIn(BaseModel):
    """Where, when and why: a site or identities, an end or a duration."""

    model_config = body(
        {"identities": ["alpha"], "for_s": 7200, "reason": "A new meter."},
        {
            "identities": ["alpha"],
            "begins_at": "2099-05-04T20:00:00Z",
            "ends_at": "2099-05-04T22:00:00Z",
            "reason": "The grid operator works on the feeder.",
        },
    )

    site: str | None = Field(
        None, max_length=120, description="With all stations that it has when the window begins; or"
    )
    identities: list[Annotated[str, Field(min_length=1, max_length=64)]] | None = Field(
        None, min_length=1, max_length=maintenance_windows.MOST_STATIONS, description="these stations."
    )
    begins_at: Bound | None = Field(None, description="null: now.")
    ends_at: Bound | None = Field(None, description="At most 90 days after its begin; or")
    for_s: int | None = Field(None, ge=1, le=LONGEST_S, description="how long it lasts.")
    reason: str = Field(min_length=1, max_length=300, pattern=r"\S", description="What is done there.")


class WindowOut(BaseModel):
    """A maintenance window."""

    model_config = example(
        {
            "window_id": "01KAN3F6VBW0C8J4V7Q2M5X9TH",
            "state": "running",
            "site": "Harbour",
            "identities": [],
            "begins_at": "2026-11-22T20:00:00.000Z",
            "ends_at": "2026-11-22T22:00:00.000Z",
            "reason": "The grid operator works on the feeder.",
            "stations": 14,
            "author": "key:ek_9f2c",
            "created_at": "2026-11-20T09:30:00.000Z",
        }
    )

    window_id: str
    state: WindowState = Field(
        description="`cancelled`: taken back before it began; `over`: it has ended, or was ended."
    )
    site: str | None = Field(description="null: it is for the stations of `identities`.")
    identities: list[str] = Field(description=f"In a list the first {MOST_NAMED}; empty: it is for a site.")
    begins_at: Time
    ends_at: Time = Field(description="As planned, also of one that was ended before.")
    reason: str
    stations: int = Field(description="How many it is for: those that it had found when it began; 0 before.")
    author: str
    created_at: Time


def shown(window: MaintenanceWindow, most_named: int | None = None) -> dict[str, Any]:
    """A window as the API shows it, with ``most_named`` identities; None: all."""
    return {
        "window_id": window.pk,
        "state": window.state,
        "site": window.site or None,
        "identities": window.identities[:most_named],
        "begins_at": window.begins_at,
        "ends_at": window.ends_at,
        "reason": window.reason,
        "stations": len(window.covers),
        "author": window.author,
        "created_at": window.created_at,
    }


@router.get("", response=paging.Page[WindowOut], summary="Maintenance windows, the newest first")
def list_maintenance_windows(
    request: HttpRequest,
    state: Annotated[WindowState | None, Query()] = None,
    site: Annotated[str | None, Query(max_length=120)] = None,
    station: Annotated[
        str | None, Query(max_length=64, description="Identity: those that are, were or will be for it.")
    ] = None,
    from_: Annotated[Bound | None, Query(alias="from", description="Last until then, or longer.")] = None,
    to: Annotated[Bound | None, Query(description="Begin before then.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """By when they were planned. Maintenance that somebody switched on has no window."""
    network = auth.network_of(request)
    found = maintenance_windows.newest(
        network,
        state=state,
        site=site,
        station=None if station is None else selectors.station(network, station),
        since=from_,
        until=to,
        before=paging.decode(cursor),
    )
    return paging.page(
        found, limit, key=lambda window: window.pk, shown=lambda window: shown(window, MOST_NAMED)
    )


@router.post("", response={201: WindowOut}, summary="Plan maintenance")
def create_maintenance_window(request: HttpRequest, body: WindowIn) -> Status[dict[str, Any]]:
    """Needs the role operator. It begins and ends within 15 seconds of its times."""
    key = auth.demand(request, Role.OPERATOR)
    begins_at = body.begins_at or clock.now()
    ends_at = body.ends_at
    if body.for_s is not None and ends_at is None:
        ends_at = begins_at + timedelta(seconds=body.for_s)
    elif body.for_s is not None or ends_at is None:
        raise Invalid("Say when it ends, or how long it lasts, and not both.", "ends_at")
    planned = maintenance_windows.plan(
        key.network,
        site=body.site or "",
        identities=body.identities or (),
        begins_at=begins_at,
        ends_at=ends_at,
        reason=body.reason,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, shown(planned))


@router.get("/{segment:window_id}", response=WindowOut, summary="One maintenance window")
def read_maintenance_window(request: HttpRequest, window_id: str) -> dict[str, Any]:
    """With all identities that it names."""
    return shown(maintenance_windows.find(auth.network_of(request), window_id))


@router.post("/{segment:window_id}/end", response=WindowOut, summary="End a maintenance window")
def end_maintenance_window(request: HttpRequest, window_id: str) -> dict[str, Any]:
    """Needs the role operator. One that hasn't begun never does; what one that runs has begun ends now.

    409 if it is over already.
    """
    key = auth.demand(request, Role.OPERATOR)
    window = maintenance_windows.find(key.network, window_id)
    if not maintenance_windows.end(window, by=auth.actor(key), address=client_address(request)):
        raise Conflict("It is over already.")
    return shown(window)
