"""`/firmware-images`: files that stations fetch from us."""

from typing import Annotated, Any, TypedDict

from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Field, with_config

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import NullIsEmpty, Time, body
from emobi.core.models import Role
from stations import file_store, maintenance
from stations.models import FirmwareImage
from stations.services.files import firmware_images

router = Router(tags=["firmware"])

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(max_length=255, pattern=PRINTABLE)]


class FirmwareImageOut(BaseModel):
    """A file of the firmware store."""

    image_id: str
    version: str
    vendor: str | None = Field(description="Whose stations it is for; null: any.")
    model: str | None = Field(description="Which model it is for; null: any.")
    filename: str
    size: int = Field(description="In bytes.")
    sha256: str
    md5: str = Field(description="What OCPP 2.0.1's local controllers know it by.")
    signed: bool
    note: str | None
    created_at: Time


@with_config(body({"note": "for the harbour"}, {"vendor": "Wallworks", "model": "W1"}))
class FirmwareImageChanges(TypedDict, total=False):
    """What may be said of an image; what isn't named stays."""

    version: Annotated[Name, Field(min_length=1, description="As a station that runs it says at its boot.")]
    vendor: Annotated[Name, NullIsEmpty()]
    model: Annotated[Name, NullIsEmpty()]
    signature: Annotated[
        str,
        Field(max_length=800, description="The maker's, of the whole file, in Base64; with the certificate."),
        NullIsEmpty(),
    ]
    signing_certificate: Annotated[str, Field(max_length=5500, description="In PEM."), NullIsEmpty()]
    note: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$"), NullIsEmpty()]


def shown(image: FirmwareImage) -> dict[str, Any]:
    """An image as the API shows it. Its URL is for stations alone."""
    return {
        "image_id": image.pk,
        "version": image.version,
        "vendor": image.vendor or None,
        "model": image.model or None,
        "filename": image.filename,
        "size": image.size,
        "sha256": image.sha256,
        "md5": image.md5,
        "signed": bool(image.signature),
        "note": image.note or None,
        "created_at": image.created_at,
    }


@router.get("", response=paging.Page[FirmwareImageOut], summary="Firmware images, the newest first")
def list_firmware_images(
    request: HttpRequest,
    vendor: Annotated[str | None, Query(max_length=255)] = None,
    model: Annotated[str | None, Query(max_length=255)] = None,
    version: Annotated[str | None, Query(max_length=255)] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """What is in the network's store."""
    found = maintenance.images(
        auth.network_of(request),
        vendor=vendor,
        model=model,
        version=version,
        before=paging.decode(cursor),
    )
    return paging.page(found, limit, key=lambda image: image.pk, shown=shown)


@router.post(
    "",
    response={201: FirmwareImageOut},
    summary="Put a firmware image into the store",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def create_firmware_image(
    request: HttpRequest,
    version: Annotated[
        str,
        Query(
            max_length=255,
            pattern=PRINTABLE,
            description="As a station that runs it says at its boot. Needed.",
        ),
    ] = "",
    vendor: Annotated[
        str,
        Query(max_length=255, pattern=PRINTABLE, description="Whose stations it is for; without it, any."),
    ] = "",
    model: Annotated[
        str, Query(max_length=255, pattern=PRINTABLE, description="Which model it is for; without it, any.")
    ] = "",
    filename: Annotated[
        str,
        Query(
            max_length=255,
            pattern=PRINTABLE,
            description="The last part of its URL: some stations read the version from it.",
        ),
    ] = "",
) -> Status[dict[str, Any]]:
    """Needs the role engineer. The body is the file as it is. A signature is added by changing the image."""
    key = auth.demand(request, Role.ENGINEER)
    image = firmware_images.add(
        key.network,
        filename,
        iter(lambda: request.read(file_store.CHUNK), b""),
        firmware_images.Description(version=version, vendor=vendor, model=model),
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, shown(image))


@router.get("/{segment:image_id}", response=FirmwareImageOut, summary="One firmware image")
def read_firmware_image(request: HttpRequest, image_id: str) -> dict[str, Any]:
    """What is known of it."""
    return shown(firmware_images.of_network(auth.network_of(request).pk, image_id))


@router.patch("/{segment:image_id}", response=FirmwareImageOut, summary="Change what is said of an image")
def change_firmware_image(
    request: HttpRequest, image_id: str, body: Body[FirmwareImageChanges]
) -> dict[str, Any]:
    """Needs the role engineer. The file itself stays as it is."""
    key = auth.demand(request, Role.ENGINEER)
    image = firmware_images.of_network(key.network.pk, image_id)
    firmware_images.change(image, body, by=auth.actor(key), address=client_address(request))
    return shown(image)


@router.delete("/{segment:image_id}", response={204: None}, summary="Take an image out of the store")
def delete_firmware_image(request: HttpRequest, image_id: str) -> Status[None]:
    """Needs the role engineer. Stations that were told its URL don't find it any more. One that a campaign is
    about is a 409.
    """
    key = auth.demand(request, Role.ENGINEER)
    image = firmware_images.of_network(key.network.pk, image_id)
    firmware_images.delete(image, by=auth.actor(key), address=client_address(request))
    return Status(204, None)
