"""The firmware of a station: what it runs, and how far each update has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard import statuses
from dashboard.access import Access, page, viewer
from dashboard.commands import command_words
from dashboard.station import station_page, tabs
from dashboard.statuses import Shown
from emobi.core.models import Event
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
IMAGES = 200
FITTING = 10
# Among so many of its newest events another version is looked for.
LOOKED_BACK = 5000


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


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What the station ran before, as it told at its boot; ``image``: of the store, to go back to it."""

    version: str
    told_at: datetime
    image: FirmwareImage | None


@require_safe
@viewer
def firmware(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    return page(request, access, "dashboard/station/firmware.html", _context(access, identity))


@require_safe
@viewer
def firmware_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What of it changes by itself."""
    return page(request, access, "dashboard/station/_firmware.html", _context(access, identity))


def _context(access: Access, identity: str) -> dict[str, Any]:
    station, context = station_page.read(access, identity, tabs.FIRMWARE)
    images = list(maintenance.images(station.network)[:IMAGES])
    asked = newest(station)
    return context | {
        "updates": updates(asked, images),
        "images": fitting(station, images),
        "earlier": earlier(station, images),
        "firmware_shape": shape_of(station, asked),
    }


def newest(station: Station) -> Sequence[Command]:
    """What it was asked about its firmware last, with the steps; two queries."""
    return list(maintenance.update_commands(station)[:SHOWN])


def shape_of(station: Station, asked: Sequence[Command]) -> str:
    """Changes when its firmware and its updates have to be drawn anew."""
    told = [
        f"{each.pk}/{each.state}/{len(each.firmware_steps.all())}/{(each.outcome or {}).get('verification')}"
        for each in asked
    ]
    return station_page.shape_by((station.firmware_version, station.firmware_status, *told))


def updates(asked: Sequence[Command], images: Sequence[FirmwareImage]) -> list[Update]:
    """These updates, told; one query where a campaign may have asked."""
    versions = {image.pk: image.version for image in images}
    by_key = [command.pk for command in asked if command.idempotency_key]
    of_commands = FirmwareCampaignTarget.objects.filter(command__in=by_key).select_related("campaign")
    targets = {target.command_id: target for target in of_commands} if by_key else {}
    return [
        Update(
            command=command,
            version=versions.get(command.params.get("image", ""), ""),
            steps=list(command.firmware_steps.all()),
            target=targets.get(command.pk),
        )
        for command in asked
    ]


def earlier(station: Station, images: Sequence[FirmwareImage]) -> Earlier | None:
    """The version that it told last of those that it doesn't run; None if none is known. One query."""
    of_station = Event.objects.filter(network=station.network_id, station=station.identity)
    newest_events = of_station.order_by("-sequence").values("pk")[:LOOKED_BACK]
    boots = Event.objects.filter(pk__in=newest_events, type="station.booted").order_by("-sequence")
    told = boots.annotate(told=KT("data__firmware_version")).filter(told__gt="")
    found = told.exclude(told=station.firmware_version).values_list("told", "time").first()
    if found is None:
        return None
    version, told_at = found
    of_it = (image for image in images if image.version == version and image.fits(station))
    return Earlier(version=version, told_at=told_at, image=next(of_it, None))


def fitting(station: Station, images: Sequence[FirmwareImage]) -> list[FirmwareImage]:
    """Images that are for it and that it doesn't run."""
    return [image for image in images if image.fits(station) and image.version != station.firmware_version][
        :FITTING
    ]
