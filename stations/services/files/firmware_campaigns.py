"""Campaigns: begun, paused, resumed and cancelled by people. What goes on by itself is `firmware_waves`'."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Network
from emobi.core.services import audit
from stations import selectors
from stations.models import (
    CampaignState,
    FirmwareCampaign,
    FirmwareCampaignTarget,
    FirmwareImage,
    Station,
    TargetState,
)
from stations.services.files import firmware_waves

MOST_STATIONS = 10_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a campaign goes about it.

    Attributes:
        wave_size: Stations a wave; or
        wave_percent: of the campaign's stations, rounded up.
        max_failure_percent: Of a wave's stations: when more have failed, the campaign halts.
        station_timeout_s: What a station has, from the moment it is asked until it runs the new firmware.
    """

    wave_size: int | None = None
    wave_percent: int | None = None
    max_failure_percent: int = 10
    station_timeout_s: int = 6 * 3600
    name: str = ""


def begin(
    network: Network,
    image: FirmwareImage,
    identities: Sequence[str] | None,
    plan: Plan,
    *,
    by: str,
    address: str | None = None,
    reason: str = "",
) -> FirmwareCampaign:
    """Begin a campaign; its first wave is asked by the next sweep.

    Args:
        network: Whose stations they are.
        image: What they get.
        identities: Which stations, in the order of the waves; None: all that the image fits and that don't
            run its version yet, by identity.
        plan: How.
        by: Who begins it, as in the audit log.
        address: Where the request came from.
        reason: Why, for the audit log.

    Raises:
        Invalid: If there is no station, or one that the image doesn't fit.
    """
    stations = chosen(network, image, identities)
    size = wave_size(plan, len(stations))
    campaign = FirmwareCampaign(
        id=ulid.new(),
        network=network,
        image=image,
        name=plan.name,
        wave_size=size,
        max_failure_percent=plan.max_failure_percent,
        station_timeout_s=plan.station_timeout_s,
        created_by=by[:200],
    )
    targets = [
        FirmwareCampaignTarget(campaign=campaign, station=station, wave=index // size + 1)
        for index, station in enumerate(stations)
    ]
    with unit_of_work.begin():
        campaign.save(force_insert=True)
        FirmwareCampaignTarget.objects.bulk_create(targets, batch_size=1000)
        detail = {"image": image.pk, "version": image.version, "stations": len(stations), "wave_size": size}
        if reason:
            detail["reason"] = reason
        _audit(campaign, "begun", by, address, detail)
    campaign.refresh_from_db()
    return campaign


def chosen(network: Network, image: FirmwareImage, identities: Sequence[str] | None) -> list[Station]:
    """The stations of a campaign that would begin now; the args are those of `begin`.

    Raises:
        Invalid: If there is none, or one that the image doesn't fit.
    """
    stations = _fitting(network, image) if identities is None else _named(network, image, identities)
    if not stations:
        raise Invalid("There is no station that this image is for.", "stations")
    return stations


def wave_size(plan: Plan, count: int) -> int:
    """How many of so many stations a wave has.

    Raises:
        Invalid: If the plan says it in two ways, or in none.
    """
    if (plan.wave_size is None) == (plan.wave_percent is None):
        raise Invalid("Give waves a size in stations, or in percent of them.", "wave_size")
    if plan.wave_size is not None:
        return plan.wave_size
    return math.ceil(count * (plan.wave_percent or 0) / 100)


def pause(campaign: FirmwareCampaign, *, by: str, address: str | None = None) -> FirmwareCampaign:
    """Ask no more stations; what the stations do that were reached, they finish.

    Raises:
        Conflict: If it doesn't run.
    """
    return _change(campaign, {CampaignState.RUNNING}, CampaignState.PAUSED, "paused", by, address)


def resume(campaign: FirmwareCampaign, *, by: str, address: str | None = None) -> FirmwareCampaign:
    """Go on. Failures so far don't count any more: whoever resumes knows of them.

    Raises:
        Conflict: If it is neither paused nor halted.
    """
    stopped = {CampaignState.PAUSED, CampaignState.HALTED}
    return _change(campaign, stopped, CampaignState.RUNNING, "resumed", by, address)


def cancel(campaign: FirmwareCampaign, *, by: str, address: str | None = None) -> FirmwareCampaign:
    """End it: stations that weren't reached are skipped.

    Raises:
        Conflict: If it has ended already.
    """
    open_ones = {state for state in CampaignState if not state.ended}
    return _change(campaign, open_ones, CampaignState.CANCELLED, "cancelled", by, address)


def _change(
    campaign: FirmwareCampaign,
    before: set[CampaignState],
    after: CampaignState,
    verb: str,
    by: str,
    address: str | None,
) -> FirmwareCampaign:
    with unit_of_work.begin():
        found = firmware_waves.locked(campaign.pk)
        if found.state not in before:
            raise Conflict(f"The campaign is {found.state}.")
        found.state, found.reason = after, ""
        if after == CampaignState.RUNNING:
            found.forgiven_until = clock.now()
        else:
            firmware_waves.take_back(found, f"the campaign was {verb}")
        if after.ended:
            found.ended_at = clock.now()
            found.targets.filter(state=TargetState.WAITING).update(
                state=TargetState.SKIPPED, reason="the campaign was cancelled", ended_at=clock.now()
            )
        found.save()
        _audit(found, verb, by, address, {})
    return found


def _fitting(network: Network, image: FirmwareImage) -> list[Station]:
    found = _in_order(Station.objects.filter(network=network)).exclude(firmware_version=image.version)
    if image.vendor:
        found = found.filter(vendor__iexact=image.vendor)
    if image.model:
        found = found.filter(model__iexact=image.model)
    stations = list(found[: MOST_STATIONS + 1])
    if len(stations) > MOST_STATIONS:
        raise Invalid(f"A campaign has up to {MOST_STATIONS} stations: name them.", "stations")
    return stations


def _named(network: Network, image: FirmwareImage, identities: Sequence[str]) -> list[Station]:
    stations = selectors.named(network, identities, "stations")
    unfit = [station.identity for station in stations if not image.fits(station)]
    if unfit:
        raise Invalid(f"The image is not for {unfit[0]}: another vendor or model.", "stations")
    return stations


def _in_order(stations: QuerySet[Station]) -> QuerySet[Station]:
    return stations.order_by(Lower("identity"))


def _audit(
    campaign: FirmwareCampaign, verb: str, by: str, address: str | None, detail: dict[str, Any]
) -> None:
    what = {"campaign": campaign.pk, **detail}
    audit.record(
        campaign.network_id, by, f"firmware_campaign.{verb}", campaign.name or campaign.pk, what, address
    )
