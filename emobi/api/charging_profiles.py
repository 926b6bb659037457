"""`/stations/{identity}/charging-profiles`: what limits a station, and what it comes to."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Time
from emobi.core import clock
from sessions import held_profiles
from sessions.models import ChargingSession, EvNegotiation, InstalledProfile, ProfileSource
from stations import selectors
from stations.commands.charging_profiles import (
    LONGEST_COMPOSITE_S,
    LimitSource,
    ProfilePurpose,
    RateUnit,
)

of_station = Router(tags=["stations"])

# EVSE 0 is the whole station.
EvseId = Annotated[int | None, Query(ge=0, le=9999, description="0: the station itself.")]


class ProfileOut(BaseModel):
    """A charging profile that a station has, or an external limit there."""

    evse_id: int | None = Field(
        description="0: the whole station; null: wherever the remote start begins that it came with."
    )
    source: ProfileSource = Field(
        description="ours: set by us; reported: the station told that it has it; external: somebody else's."
    )
    charging_limit_source: LimitSource
    grid_critical: bool | None
    installed: bool = Field(description="false: it is for a transaction that is over, or that hasn't begun.")
    charging_profile: dict[str, Any] = Field(
        description="As in the command `set_charging_profile`. Without an id: a limit that we were told of; "
        "without schedules: one that the station keeps to itself."
    )
    set_at: Time
    reported_at: Time | None


class CompositePeriodOut(BaseModel):
    """From second `start_period` on."""

    start_period: int
    limit: float | None = Field(description="null: no profile has one.")
    number_phases: int | None
    phase_to_use: int | None
    limited_by: ProfilePurpose | None = Field(
        description="The purpose of the tightest profile; null: none, or the EVSE can't do more."
    )


class CompositeOut(BaseModel):
    """What all profiles together allow, computed by Emobi."""

    evse_id: int
    schedule_start: Time
    duration: int = Field(description="In seconds.")
    charging_rate_unit: RateUnit
    charging_schedule_period: list[CompositePeriodOut]
    untold: list[str] = Field(
        description="Sources of external limits that the station won't tell the size of: they aren't in it."
    )


class NegotiationOut(BaseModel):
    """What an EV wants, what it was answered, and how it means to charge."""

    evse_id: int
    transaction_id: str
    needs: dict[str, Any] = Field(description="As in the event `ev.charging_needs`.")
    needs_at: Time
    answer: str
    charging_profile_id: int | None = Field(description="Of the profile that it was offered.")
    schedule: dict[str, Any] | None = Field(description="Its plan.")
    time_base: Time | None = Field(description="When the plan begins, by the station's clock.")
    schedule_at: Time | None
    schedule_answer: str | None


def shown(row: InstalledProfile, running: list[ChargingSession]) -> dict[str, Any]:
    """A profile as the API shows it, while these sessions run at its station."""
    return {
        "evse_id": row.evse_id,
        "source": row.source,
        "charging_limit_source": row.limit_source,
        "grid_critical": row.grid_critical,
        "installed": bool(held_profiles.held([row], running)),
        "charging_profile": row.content,
        "set_at": row.set_at,
        "reported_at": row.reported_at,
    }


@of_station.get(
    "/{segment:identity}/charging-profiles",
    response=paging.Page[ProfileOut],
    summary="A station's charging profiles, the oldest first",
)
def list_charging_profiles(
    request: HttpRequest,
    identity: str,
    evse_id: EvseId = None,
    purpose: ProfilePurpose | None = None,
    source: ProfileSource | None = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """As far as we know: the command `get_charging_profiles` has a station of 2.0.1 tell."""
    station = selectors.station(auth.network_of(request), identity)
    found = held_profiles.rows(
        station, evse_id=evse_id, purpose=purpose, source=source, after=paging.decode_number(cursor)
    )
    running = held_profiles.active(station)
    return paging.page(found, limit, key=lambda row: row.pk, shown=lambda row: shown(row, running))


@of_station.get(
    "/{segment:identity}/charging-profiles/composite-schedule",
    response=CompositeOut,
    summary="What its charging profiles come to",
)
def read_composite_schedule(
    request: HttpRequest,
    identity: str,
    evse_id: Annotated[int, Query(ge=0, le=9999, description="0: what the whole station may draw.")] = 0,
    duration_s: Annotated[int, Query(ge=1, le=LONGEST_COMPOSITE_S)] = 86400,
    unit: RateUnit = RateUnit.WATT,
) -> dict[str, Any]:
    """From now on, by our clock. The command `get_composite_schedule` has the station's own beside it."""
    station = selectors.station(auth.network_of(request), identity)
    composite = held_profiles.composite(
        station, evse_id=evse_id, since=clock.now(), duration_s=duration_s, unit=unit
    )
    return {**held_profiles.told(composite), "schedule_start": composite.since}


@of_station.get(
    "/{segment:identity}/charging-profiles/ev-negotiations",
    response=paging.Page[NegotiationOut],
    summary="What EVs want there (ISO 15118)",
)
def list_ev_negotiations(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """The newest of each EVSE; earlier ones are events."""
    station = selectors.station(auth.network_of(request), identity)
    found = held_profiles.negotiations(station, after=paging.decode_number(cursor))
    return paging.page(found, limit, key=lambda row: row.evse_id, shown=_negotiation)


def _negotiation(row: EvNegotiation) -> dict[str, Any]:
    return {
        "evse_id": row.evse_id,
        "transaction_id": row.transaction_id,
        "needs": row.needs,
        "needs_at": row.needs_at,
        "answer": row.answer,
        "charging_profile_id": row.profile_id,
        "schedule": row.schedule,
        "time_base": row.time_base,
        "schedule_at": row.schedule_at,
        "schedule_answer": row.schedule_answer or None,
    }
