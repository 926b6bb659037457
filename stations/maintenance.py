"""What is read of firmware and logs."""

from django.db.models import Count, Prefetch, QuerySet

from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations.models import (
    Command,
    FirmwareCampaign,
    FirmwareCampaignTarget,
    FirmwareImage,
    FirmwareStep,
    Station,
    StationLog,
    TargetState,
)
from stations.services.commanding import progress


def images(
    network: Network,
    *,
    vendor: str | None = None,
    model: str | None = None,
    version: str | None = None,
    before: str | None = None,
) -> QuerySet[FirmwareImage]:
    """Images of the store, the newest first; ``before``: older than the image of this id."""
    found = FirmwareImage.objects.filter(network=network)
    if vendor is not None:
        found = found.filter(vendor__iexact=vendor)
    if model is not None:
        found = found.filter(model__iexact=model)
    if version is not None:
        found = found.filter(version=version)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def update_commands(station: Station, *, before: str | None = None) -> QuerySet[Command]:
    """What the station was asked about its firmware, the newest first, with the steps."""
    names = (*progress.UPDATES, *progress.PUBLICATIONS)
    found = Command.objects.filter(station=station, name__in=names)
    if before is not None:
        found = found.filter(pk__lt=before)
    steps = FirmwareStep.objects.order_by("pk")
    return found.prefetch_related(Prefetch("firmware_steps", steps)).order_by("-pk")


def image_versions(network: Network, commands: list[Command]) -> dict[str, str]:
    """By id, the versions of the images that commands are about."""
    named = {command.params.get("image") for command in commands} - {None}
    return dict(FirmwareImage.objects.filter(network=network, pk__in=named).values_list("pk", "version"))


def logs(station: Station, *, before: str | None = None) -> QuerySet[StationLog]:
    """Logs that the station was asked for, the newest first."""
    found = StationLog.objects.filter(station=station).select_related("command")
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def log(station: Station, log_id: str) -> StationLog:
    """One of them.

    Raises:
        NotFound: If the station has none of that id.
    """
    found = StationLog.objects.filter(station=station, pk=log_id).first()
    if found is None:
        raise NotFound("There is no such log.")
    return found


def campaigns(network: Network, *, before: str | None = None) -> QuerySet[FirmwareCampaign]:
    """Campaigns, the newest first."""
    found = FirmwareCampaign.objects.filter(network=network).select_related("image")
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def campaign(network: Network, campaign_id: str) -> FirmwareCampaign:
    """One of them.

    Raises:
        NotFound: If the network has none of that id.
    """
    found = campaigns(network).filter(pk=campaign_id).first()
    if found is None:
        raise NotFound("There is no such campaign.")
    return found


def target_counts(campaigns: list[FirmwareCampaign]) -> dict[str, dict[str, int]]:
    """By campaign, how many of its stations are in each state."""
    counted = {campaign.pk: dict.fromkeys(TargetState.values, 0) for campaign in campaigns}
    of_these = FirmwareCampaignTarget.objects.filter(campaign__in=counted)
    for campaign_id, state, count in of_these.values_list("campaign", "state").annotate(Count("pk")):
        counted[campaign_id][state] = count
    return counted


def targets(
    campaign: FirmwareCampaign, *, state: str | None = None, after: int | None = None
) -> QuerySet[FirmwareCampaignTarget]:
    """A campaign's stations, in the order in which they are asked."""
    found = FirmwareCampaignTarget.objects.filter(campaign=campaign).select_related("station")
    if state is not None:
        found = found.filter(state=state)
    if after is not None:
        found = found.filter(pk__gt=after)
    return found.order_by("pk")
