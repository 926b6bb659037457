"""The firmware of a station: what it runs, and how far each update has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard import statuses
from dashboard.access import Access, page, viewer
from dashboard.commands import command_words
from dashboard.station import station_page, tabs
from dashboard.statuses import Shown
from stations import maintenance
from stations.models import (
    Command,
    CommandState,
    FirmwareCampaignTarget,
    FirmwareImage,
    FirmwareStep,
    Station,
)

SHOWN = 25


@dataclass(frozen=True, kw_only=True)
class Update:
    """What the station was asked about its firmware.

    Attributes:
        version: Of the image, where it is one of ours.
        target: Its part of a campaign, if it was one.
    """

    command: Command
    version: str
    steps: Sequence[FirmwareStep]
    target: FirmwareCampaignTarget | None

    @property
    def title(self) -> str:
        return command_words.title(self.command.name)

    @property
    def shown(self) -> Shown:
        return statuses.COMMAND[CommandState(self.command.state)]

    @property
    def location(self) -> str:
        return str(self.command.shown_params.get("location") or "")

    @property
    def signed(self) -> bool:
        """Whether it was said with a signature; an image of ours is where it has one."""
        return bool(self.command.params.get("signature"))

    @property
    def verified(self) -> str:
        """Whether the station was seen to run it."""
        verification = (self.command.outcome or {}).get("verification") or {}
        words = {"pending": "not seen to run yet", "verified": "runs", "not_seen": "never seen to run"}
        return words.get(str(verification.get("state")), "")


@require_safe
@viewer
def firmware(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.FIRMWARE)
    context |= {
        "updates": updates(station),
        "images": list(fitting(station)),
    }
    return page(request, access, "dashboard/station/firmware.html", context)


def updates(station: Station) -> list[Update]:
    """The newest updates, with their steps; four queries."""
    asked = list(maintenance.update_commands(station)[:SHOWN])
    versions = maintenance.image_versions(station.network, asked)
    of_commands = FirmwareCampaignTarget.objects.filter(command__in=asked).select_related("campaign")
    targets = {target.command_id: target for target in of_commands}
    return [
        Update(
            command=command,
            version=versions.get(command.params.get("image", ""), ""),
            steps=list(command.firmware_steps.all()),
            target=targets.get(command.pk),
        )
        for command in asked
    ]


def fitting(station: Station) -> list[FirmwareImage]:
    """Images of the store that are for it and that it doesn't run; one query."""
    newest = maintenance.images(station.network)[:200]
    return [image for image in newest if image.fits(station) and image.version != station.firmware_version][
        :10
    ]
