"""`/sessions`: charging sessions and what their meters said."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, exports, paging
from emobi.api.fields import Bound, Number, Time, example
from emobi.core.models import Network
from sessions import selectors
from sessions.models import ChargingSession, MeterValue
from stations import selectors as station_selectors

router = Router(tags=["sessions"])
of_station = Router(tags=["sessions"])


class SessionOut(BaseModel):
    """A charging session. Times are the station's; energy in Wh, power in W."""

    model_config = example(
        {
            "session_id": "01KAN3F6VB06C8J4V7Q2M5X9TH",
            "station": "CP001",
            "evse_id": 1,
            "connector_id": 1,
            "transaction_id": "4711",
            "id_token": "DEMO0001",
            "id_token_type": None,
            "authorization": "Accepted",
            "state": "ended",
            "charging_state": None,
            "suspect": False,
            "suspicions": [],
            "offline": False,
            "started_at": "2026-11-22T06:00:00.000Z",
            "ended_at": "2026-11-22T07:00:00.000Z",
            "meter_start_wh": 1200,
            "meter_stop_wh": 12200,
            "energy_wh": 11000,
            "duration_s": 3600,
            "reason": "Local",
            "power_w": None,
            "soc_percent": None,
            "cost": 5.5,
            "currency": "EUR",
            "tariff": "Day",
        }
    )

    session_id: str
    station: str
    evse_id: int | None
    connector_id: int | None
    transaction_id: str
    id_token: str | None
    id_token_type: str | None
    authorization: str | None
    state: Literal["active", "ended", "lost"]
    charging_state: str | None
    suspect: bool
    suspicions: list[str]
    offline: bool
    started_at: Time
    ended_at: Time | None
    meter_start_wh: Number | None
    meter_stop_wh: Number | None
    energy_wh: Number | None
    duration_s: int | None
    reason: str | None
    power_w: Number | None
    soc_percent: Number | None
    cost: Number | None = Field(description="In all; null while it runs, or where nobody can say.")
    currency: str | None
    tariff: str | None


class SampleOut(BaseModel):
    """A sampled value in base units."""

    measurand: str
    phase: str | None
    context: str | None
    location: str | None
    value: Number | None
    unit: str | None
    at: str
    signed: str | None


class MeterValueOut(BaseModel):
    """What a meter showed at one moment."""

    at: Time
    received_at: Time
    context: str | None
    energy_wh: Number | None
    power_w: Number | None
    soc_percent: Number | None
    samples: list[SampleOut]


def shown(session: ChargingSession) -> dict[str, Any]:
    """A session as the API shows it."""
    return {
        "session_id": session.pk,
        "station": session.station.identity,
        "evse_id": session.evse_id,
        "connector_id": session.connector_id,
        "transaction_id": session.transaction_id,
        "id_token": session.id_token or None,
        "id_token_type": session.id_token_type or None,
        "authorization": session.authorization or None,
        "state": session.state,
        "charging_state": session.charging_state or None,
        "suspect": bool(session.suspect),
        "suspicions": session.suspect,
        "offline": session.offline,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "meter_start_wh": session.meter_start_wh,
        "meter_stop_wh": session.meter_stop_wh,
        "energy_wh": session.energy_wh,
        "duration_s": session.duration_s,
        "reason": session.reason or None,
        "power_w": session.power_w,
        "soc_percent": session.soc_percent,
        "cost": session.cost,
        "currency": session.tariff.currency if session.tariff else None,
        "tariff": session.tariff.name if session.tariff else None,
    }


class SessionQuery(BaseModel):
    """Filters; all that are given have to fit."""

    evse_id: int | None = Field(None, ge=0, le=9999)
    state: Literal["active", "ended", "lost"] | None = None
    id_token: str | None = Field(None, max_length=255)
    suspect: bool | None = None
    from_: Bound | None = Field(None, alias="from", description="Started then or later.")
    to: Bound | None = Field(None, description="Started before then.")


@router.get(
    "",
    response=paging.Page[SessionOut],
    summary="Charging sessions, the newest first",
    openapi_extra=exports.DESCRIBED,
)
def list_sessions(
    request: HttpRequest,
    filters: Query[SessionQuery],
    station: Annotated[str | None, Query(max_length=255, description="Identity of a station.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """Sessions of the whole network; filters narrow them."""
    network = auth.network_of(request)
    identity = None if station is None else station_selectors.station(network, station).identity
    return exports.told(
        request, format, SessionOut, partial(_page, network, identity, filters), cursor, limit, "sessions"
    )


@of_station.get(
    "/{segment:identity}/sessions",
    response=paging.Page[SessionOut],
    summary="A station's charging sessions, the newest first",
    openapi_extra=exports.DESCRIBED,
)
def list_station_sessions(
    request: HttpRequest,
    identity: str,
    filters: Query[SessionQuery],
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """The same for one station."""
    network = auth.network_of(request)
    found = station_selectors.station(network, identity).identity
    return exports.told(
        request, format, SessionOut, partial(_page, network, found, filters), cursor, limit, "sessions"
    )


def _page(
    network: Network, station: str | None, filters: SessionQuery, cursor: str | None, limit: int
) -> dict[str, Any]:
    found = selectors.charging_sessions(
        network,
        station=station,
        evse_id=filters.evse_id,
        state=filters.state,
        id_token=filters.id_token,
        suspect=filters.suspect,
        since=filters.from_,
        until=filters.to,
        before=paging.decode(cursor),
    )
    return paging.page(found, limit, key=lambda session: session.pk, shown=shown)


@router.get("/{segment:session_id}", response=SessionOut, summary="One charging session")
def read_session(request: HttpRequest, session_id: str) -> dict[str, Any]:
    """By our id for it."""
    return shown(selectors.charging_session(auth.network_of(request), session_id))


@router.get(
    "/{segment:session_id}/meter-values",
    response=paging.Page[MeterValueOut],
    summary="What its meter showed, the oldest first",
)
def list_meter_values(
    request: HttpRequest, session_id: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """In the order in which they were taken, by the station's clock."""
    session = selectors.charging_session(auth.network_of(request), session_id)
    found = selectors.meter_values(session, after=_after(cursor))
    return paging.page(found, limit, key=_key, shown=_reading)


def _reading(value: MeterValue) -> dict[str, Any]:
    return {
        "at": value.at,
        "received_at": value.received_at,
        "context": value.context or None,
        "energy_wh": value.energy_wh,
        "power_w": value.power_w,
        "soc_percent": value.soc_percent,
        "samples": value.samples,
    }


def _key(value: MeterValue) -> str:
    return f"{value.at.isoformat()} {value.pk}"


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    key = paging.decode(cursor)
    if key is None:
        return None
    at, _, last_id = key.partition(" ")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), int(last_id)
    except (ValueError, OverflowError):
        raise paging.invalid() from None
