"""Commands about a station's firmware."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, Field

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands.entry import Entry
from stations.commands.fields import ImageId, Location, Number, Times

# MD5 in hexadecimal digits.
Checksum = Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$")]


@dataclass(frozen=True, kw_only=True)
class UpdateFirmware:
    """Fetch new firmware, and install it.

    Either ``image``, one of our store, which brings its location and signature along, or a ``location`` of
    somebody else's. Times are ours; without them: now. ``retry_interval`` is in seconds.
    """

    image: ImageId | None = None
    location: Location | None = None
    retrieve_date_time: AwareDatetime | None = None
    install_date_time: AwareDatetime | None = None
    signing_certificate: Annotated[str, Field(min_length=1, max_length=5500)] | None = None
    signature: Annotated[str, Field(min_length=1, max_length=800)] | None = None
    retries: Times | None = None
    retry_interval: Times | None = None
    request_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class PublishFirmware:
    """Have a local controller fetch firmware and offer it to the stations behind it.

    ``checksum`` is the MD5 of the file; that of an ``image`` is known.
    """

    image: ImageId | None = None
    location: Location | None = None
    checksum: Checksum | None = None
    retries: Times | None = None
    retry_interval: Times | None = None
    request_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class UnpublishFirmware:
    """Have a local controller offer firmware no longer, known by the MD5 of its file."""

    image: ImageId | None = None
    checksum: Checksum | None = None


def _from_one_place(asked: UpdateFirmware | PublishFirmware) -> None:
    if (asked.image is None) == (asked.location is None):
        raise Invalid("Name either an image of the store or a location.", "params.location")


def _check_update(asked: UpdateFirmware) -> None:
    _from_one_place(asked)
    if asked.image is not None and (asked.signature or asked.signing_certificate):
        raise Invalid("An image brings its own signature along.", "params.signature")


def _check_publication(asked: PublishFirmware) -> None:
    _from_one_place(asked)
    _one_checksum(asked)


def _one_checksum(asked: PublishFirmware | UnpublishFirmware) -> None:
    if (asked.image is None) == (asked.checksum is None):
        raise Invalid(
            "Name the checksum of the file; that of an image of the store is known.", "params.checksum"
        )


ENTRIES = (
    Entry(
        command="update_firmware",
        kind=UpdateFirmware,
        description="Fetch new firmware, and install it.",
        role=Role.ENGINEER,
        example={"location": "https://files.example.com/w1-1.1.0.bin"},
        effect="The station restarts, when nobody charges there.",
        check=_check_update,
    ),
    Entry(
        command="publish_firmware",
        kind=PublishFirmware,
        description="Have a local controller fetch firmware, and offer it to the stations behind it.",
        role=Role.ENGINEER,
        versions=("2.0.1",),
        example={
            "location": "https://files.example.com/w1-1.1.0.bin",
            "checksum": "9e107d9d372bb6826bd81d3542a419d6",
        },
        check=_check_publication,
    ),
    Entry(
        command="unpublish_firmware",
        kind=UnpublishFirmware,
        description="Have a local controller offer firmware no longer.",
        role=Role.ENGINEER,
        versions=("2.0.1",),
        example={"checksum": "9e107d9d372bb6826bd81d3542a419d6"},
        check=_one_checksum,
    ),
)
