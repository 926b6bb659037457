"""`/firmware-campaigns`: one image for many stations, in waves."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from stations import maintenance
from stations.models import CampaignState, FirmwareCampaign, FirmwareCampaignTarget, TargetState
from stations.services.files import firmware_campaigns, firmware_images
from stations.services.files.firmware_campaigns import MOST_STATIONS

router = Router(tags=["firmware"])

Identity = Annotated[str, Field(min_length=1, max_length=48)]


class FirmwareCampaignIn(BaseModel):
    """A new campaign."""

    model_config = body(
        {"image_id": "01KAN3F6VB00C8J4V7Q2M5X9TH", "wave_percent": 10, "max_failure_percent": 5},
        {"image_id": "01KAN3F6VB00C8J4V7Q2M5X9TH", "stations": ["alpha"], "wave_size": 1},
    )

    image_id: str = Field(max_length=26)
    name: str = Field("", max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")
    stations: list[Identity] | None = Field(
        None,
        max_length=MOST_STATIONS,
        description="In the order of the waves; null: all that the image fits and that don't run it yet.",
    )
    wave_size: int | None = Field(None, ge=1, le=MOST_STATIONS, description="Stations a wave; or")
    wave_percent: int | None = Field(None, ge=1, le=100, description="percent of the campaign's stations.")
    max_failure_percent: int = Field(
        10, ge=0, le=100, description="Of a wave's stations: when more have failed, the campaign halts."
    )
    station_timeout_s: int = Field(
        21_600,
        ge=60,
        le=7 * 86_400,
        description="What a station has, from the moment it is asked until it runs the new firmware.",
    )


class FirmwareCampaignChanges(BaseModel):
    """Pause it, resume it (halted or paused), or cancel it."""

    model_config = body({"state": "paused"})

    state: Literal["running", "paused", "cancelled"]


class FirmwareCampaignOut(BaseModel):
    """A campaign."""

    campaign_id: str
    name: str | None
    image_id: str
    version: str
    state: CampaignState
    reason: str | None = Field(description="Why it is halted.")
    wave: int = Field(description="The one that is under way, from 1.")
    wave_size: int
    max_failure_percent: int
    station_timeout_s: int
    stations: dict[TargetState, int] = Field(description="How many are in each state.")
    created_by: str
    created_at: Time
    ended_at: Time | None


class FirmwareTargetOut(BaseModel):
    """A station in a campaign."""

    station: str
    wave: int
    state: TargetState
    reason: str | None
    command_id: str | None
    asked_at: Time | None
    ended_at: Time | None


def shown(campaign: FirmwareCampaign, counts: dict[str, int]) -> dict[str, Any]:
    """A campaign as the API shows it."""
    return {
        "campaign_id": campaign.pk,
        "name": campaign.name or None,
        "image_id": campaign.image_id,
        "version": campaign.image.version,
        "state": campaign.state,
        "reason": campaign.reason or None,
        "wave": campaign.wave,
        "wave_size": campaign.wave_size,
        "max_failure_percent": campaign.max_failure_percent,
        "station_timeout_s": campaign.station_timeout_s,
        "stations": counts,
        "created_by": campaign.created_by,
        "created_at": campaign.created_at,
        "ended_at": campaign.ended_at,
    }


def _one(campaign: FirmwareCampaign) -> dict[str, Any]:
    return shown(campaign, maintenance.target_counts([campaign])[campaign.pk])


@router.get("", response=paging.Page[FirmwareCampaignOut], summary="Firmware campaigns, the newest first")
def list_firmware_campaigns(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Those that run, and those that ran."""
    found = list(maintenance.campaigns(auth.network_of(request), before=paging.decode(cursor))[: limit + 1])
    counts = maintenance.target_counts(found)
    return {
        "items": [shown(campaign, counts[campaign.pk]) for campaign in found[:limit]],
        "next": paging.encode(found[limit - 1].pk) if len(found) > limit else None,
    }


@router.post("", response={201: FirmwareCampaignOut}, summary="Begin a firmware campaign")
def create_firmware_campaign(request: HttpRequest, body: FirmwareCampaignIn) -> Status[dict[str, Any]]:
    """Needs the role engineer. The stations of the first wave are asked within seconds."""
    key = auth.demand(request, Role.ENGINEER)
    campaign = firmware_campaigns.begin(
        key.network,
        firmware_images.of_network(key.network.pk, body.image_id),
        body.stations,
        firmware_campaigns.Plan(**body.model_dump(exclude={"image_id", "stations"})),
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _one(campaign))


@router.get("/{segment:campaign_id}", response=FirmwareCampaignOut, summary="One firmware campaign")
def read_firmware_campaign(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """How far it has come."""
    return _one(maintenance.campaign(auth.network_of(request), campaign_id))


@router.patch(
    "/{segment:campaign_id}", response=FirmwareCampaignOut, summary="Pause, resume or cancel a campaign"
)
def change_firmware_campaign(
    request: HttpRequest, campaign_id: str, body: FirmwareCampaignChanges
) -> dict[str, Any]:
    """Needs the role engineer. Stations that weren't reached yet are asked no more; those that were finish
    what they do. Whoever resumes a halted campaign knows of its failures so far: they don't count any more.
    """
    key = auth.demand(request, Role.ENGINEER)
    change = {
        "running": firmware_campaigns.resume,
        "paused": firmware_campaigns.pause,
        "cancelled": firmware_campaigns.cancel,
    }[body.state]
    campaign = maintenance.campaign(key.network, campaign_id)
    return _one(change(campaign, by=auth.actor(key), address=client_address(request)))


@router.get(
    "/{segment:campaign_id}/stations",
    response=paging.Page[FirmwareTargetOut],
    summary="A campaign's stations, in the order of its waves",
)
def list_campaign_stations(
    request: HttpRequest,
    campaign_id: str,
    state: Annotated[TargetState | None, Query()] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """What became of each."""
    campaign = maintenance.campaign(auth.network_of(request), campaign_id)
    found = maintenance.targets(campaign, state=state, after=paging.decode_number(cursor))
    return paging.page(found, limit, key=lambda target: target.pk, shown=_target)


def _target(target: FirmwareCampaignTarget) -> dict[str, Any]:
    return {
        "station": target.station.identity,
        "wave": target.wave,
        "state": target.state,
        "reason": target.reason or None,
        "command_id": target.command_id,
        "asked_at": target.asked_at,
        "ended_at": target.ended_at,
    }
