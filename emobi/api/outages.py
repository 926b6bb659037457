"""The outages of the uptime ledger, and the spans that don't count."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Query, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, exports, paging
from emobi.api.fields import Bound, Time, body
from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations import ledger_reading, selectors
from stations.models import Outage, OutageCause, OutageExclusion
from stations.services.ledger import exclusions

router = Router(tags=["reports"])
of_station = Router(tags=["reports"])

LARGEST_ID = 2**63 - 1
HIGHEST_EVSE = 9999

Evse = Annotated[int | None, Query(ge=1, le=HIGHEST_EVSE)]
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class Evidence(BaseModel):
    """The events that began and ended an outage; the ledger outlives them."""

    began_event: str
    began_sequence: str
    ended_event: str | None
    ended_sequence: str | None
    fault_id: str | None


class OutageOut(BaseModel):
    """An interval in which an EVSE, or a station with all of its EVSEs, was out of service."""

    outage_id: int
    station: str
    evse_id: int | None = Field(description="null: the station with all of its EVSEs.")
    cause: OutageCause
    began_at: Time
    ended_at: Time | None = Field(description="null: it goes on.")
    duration_s: int = Field(description="Until now, if it goes on.")
    detail: str | None
    evidence: Evidence


class ExclusionIn(BaseModel):
    """A span that is not to count."""

    model_config = body(
        {"from": "2026-11-22T07:00:00Z", "to": "2026-11-22T09:00:00Z", "reason": "The grid was down."},
        {"evse_id": 1, "from": "2026-11-22T07:00:00Z", "to": "2026-11-22T09:00:00Z", "reason": "Vandalism."},
    )

    evse_id: int | None = Field(None, ge=1, le=HIGHEST_EVSE, description="null: all of the station.")
    since: Bound = Field(alias="from")
    until: Bound = Field(alias="to")
    reason: Reason


class WithdrawalIn(BaseModel):
    """Why it counts after all."""

    model_config = body({"reason": "It was the station's own fuse."})

    reason: Reason


class ExclusionOut(BaseModel):
    """A span that doesn't count, unless it was withdrawn."""

    exclusion_id: int
    station: str
    evse_id: int | None
    since: Time = Field(serialization_alias="from")
    until: Time = Field(serialization_alias="to")
    reason: str
    author: str
    created_at: Time
    withdrawn_at: Time | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


@router.get(
    "/outages",
    response=paging.Page[OutageOut],
    summary="Outages of all stations, the newest first",
    openapi_extra=exports.DESCRIBED,
)
def report_outages(
    request: HttpRequest,
    from_: Annotated[Bound | None, Query(alias="from", description="30 days ago if not given.")] = None,
    to: Annotated[Bound | None, Query(description="Now if not given.")] = None,
    cause: Annotated[OutageCause | None, Query()] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """Those that lasted within the time, of stations that were deleted, too."""
    network = auth.network_of(request)
    until = to or clock.now()
    since = from_ or until - timedelta(days=30)
    if since > until:
        raise Invalid("It begins after its end.", "from")
    found = ledger_reading.outages_of(network, since, until)
    if cause is not None:
        found = found.filter(cause=cause)

    def read(cursor: str | None, limit: int) -> dict[str, Any]:
        before = paging.decode_number(cursor)
        rest = found if before is None else found.filter(pk__lt=before)
        return paging.page(rest.order_by("-pk"), limit, key=lambda one: one.pk, shown=shown)

    return exports.told(request, format, OutageOut, read, cursor, limit, "outages")


@of_station.get("/{segment:identity}/outages", response=paging.Page[OutageOut], summary="A station's outages")
def list_outages(
    request: HttpRequest,
    identity: str,
    from_: Annotated[Bound | None, Query(alias="from", description="Lasted then, or later.")] = None,
    to: Annotated[Bound | None, Query(description="Began before then.")] = None,
    evse_id: Evse = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """The newest first; of an EVSE, its station's with its own."""
    station = selectors.station(auth.network_of(request), identity)
    found = ledger_reading.outages([station.pk], from_ or station.created_at, to or clock.now())
    if evse_id is not None:
        found = found.filter(evse_id__in=[0, evse_id])
    before = paging.decode_number(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found.order_by("-pk"), limit, key=lambda one: one.pk, shown=shown)


def shown(outage: Outage) -> dict[str, Any]:
    return {
        "outage_id": outage.pk,
        "station": outage.identity,
        "evse_id": outage.evse_id or None,
        "cause": outage.cause,
        "began_at": outage.began_at,
        "ended_at": outage.ended_at,
        "duration_s": round(((outage.ended_at or clock.now()) - outage.began_at).total_seconds()),
        "detail": outage.detail or None,
        "evidence": {
            "began_event": outage.began_event,
            "began_sequence": str(outage.began_sequence),
            "ended_event": outage.ended_event or None,
            "ended_sequence": None if outage.ended_sequence is None else str(outage.ended_sequence),
            "fault_id": outage.fault_id or None,
        },
    }


@of_station.get(
    "/{segment:identity}/outage-exclusions",
    response=paging.Page[ExclusionOut],
    by_alias=True,
    summary="What doesn't count in a station's uptime",
)
def list_exclusions(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """The newest first, those that were withdrawn with them. Maintenance has no row of its own here."""
    station = selectors.station(auth.network_of(request), identity)
    found = OutageExclusion.objects.filter(station=station)
    before = paging.decode_number(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found.order_by("-pk"), limit, key=lambda one: one.pk, shown=_exclusion)


@of_station.post(
    "/{segment:identity}/outage-exclusions",
    response={201: ExclusionOut},
    by_alias=True,
    summary="Have a span not count in a station's uptime",
)
def add_exclusion(request: HttpRequest, identity: str, body: ExclusionIn) -> Status[dict[str, Any]]:
    """Needs the role admin. It is never changed; what was wrong is withdrawn."""
    key = auth.demand(request, Role.ADMIN)
    made = exclusions.add(
        selectors.station(key.network, identity),
        evse_id=body.evse_id,
        from_at=body.since,
        to_at=body.until,
        reason=body.reason,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _exclusion(made))


@of_station.post(
    "/{segment:identity}/outage-exclusions/{exclusion_id}/withdraw",
    response=ExclusionOut,
    by_alias=True,
    summary="Have it count again",
)
def withdraw_exclusion(
    request: HttpRequest,
    identity: str,
    exclusion_id: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    body: WithdrawalIn,
) -> dict[str, Any]:
    """Needs the role admin."""
    key = auth.demand(request, Role.ADMIN)
    station = selectors.station(key.network, identity)
    withdrawn = exclusions.withdraw(
        station, exclusion_id, reason=body.reason, by=auth.actor(key), address=client_address(request)
    )
    return _exclusion(withdrawn)


def _exclusion(exclusion: OutageExclusion) -> dict[str, Any]:
    return {
        "exclusion_id": exclusion.pk,
        "station": exclusion.identity,
        "evse_id": exclusion.evse_id or None,
        "since": exclusion.from_at,
        "until": exclusion.to_at,
        "reason": exclusion.reason,
        "author": exclusion.author,
        "created_at": exclusion.created_at,
        "withdrawn_at": exclusion.withdrawn_at,
        "withdrawn_by": exclusion.withdrawn_by or None,
        "withdrawn_reason": exclusion.withdrawn_reason or None,
    }
