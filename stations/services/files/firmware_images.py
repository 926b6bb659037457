"""The firmware store: files that stations fetch from us."""

import base64
import binascii
import dataclasses
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography import x509
from django.db.models import ProtectedError

from emobi.core import ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations import file_store
from stations.models import FirmwareImage, Station

# OCPP's lengths (2.0.1 section 2.24).
LONGEST_SIGNATURE, LONGEST_CERTIFICATE = 800, 5500
LONGEST_FILENAME = 150


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is said of a new image; "" for what isn't.

    ``version`` is what a station that runs it says at its boot. ``signature`` is the vendor's over the whole
    file in Base64, ``signing_certificate`` the PEM of who signed.
    """

    version: str
    vendor: str = ""
    model: str = ""
    signature: str = ""
    signing_certificate: str = ""
    note: str = ""


def add(
    network: Network,
    filename: str,
    chunks: Iterable[bytes],
    said: Description,
    *,
    by: str,
    address: str | None = None,
) -> FirmwareImage:
    """Put a file into the store.

    Raises:
        Invalid: If it is empty or too large, or what is said of it can't be.
    """
    _check(said)
    try:
        written = file_store.write(chunks)
    except file_store.TooLarge:
        raise Invalid("The file is larger than EMOBI_UPLOAD_LIMIT_MB allows.", "file") from None
    except file_store.Empty:
        raise Invalid("The file is empty.", "file") from None
    try:
        image = FirmwareImage(
            id=ulid.new(),
            network=network,
            filename=_plain(filename) or "firmware.bin",
            size=written.size,
            sha256=written.sha256,
            md5=written.md5,
            token=secrets.token_urlsafe(32),
            **vars(said),
        )
        with unit_of_work.begin():
            image.save(force_insert=True)
            detail = {"image": image.pk, "version": image.version, "sha256": image.sha256}
            audit.record(network.pk, by, "firmware_image.added", str(image), detail, address)
            file_store.keep(written, file_store.FIRMWARE, image.pk)
    finally:
        file_store.discard(written)
    image.refresh_from_db()
    return image


def change(
    image: FirmwareImage, changes: Mapping[str, object], *, by: str, address: str | None = None
) -> None:
    """Change what is said of an image, by the names of `Description`'s fields.

    Raises:
        Invalid: If it can't be said.
    """
    if not changes:
        return
    known = {field.name: getattr(image, field.name) for field in dataclasses.fields(Description)}
    said = Description(**{name: str(value) for name, value in {**known, **changes}.items()})
    _check(said)
    with unit_of_work.begin():
        for name in changes:
            setattr(image, name, getattr(said, name))
        image.save(update_fields=[*changes])
        detail = {"image": image.pk, "changed": sorted(changes)}
        audit.record(image.network_id, by, "firmware_image.changed", str(image), detail, address)


def delete(image: FirmwareImage, *, by: str, address: str | None = None) -> None:
    """Take an image out of the store: stations that were told its URL don't find it any more.

    Raises:
        Conflict: If a campaign is about it.
    """
    with unit_of_work.begin():
        detail = {"image": image.pk, "version": image.version, "sha256": image.sha256}
        audit.record(image.network_id, by, "firmware_image.deleted", str(image), detail, address)
        image_id = image.pk
        try:
            image.delete()
        except ProtectedError:
            raise Conflict("A campaign is about this image.") from None
    file_store.delete(file_store.FIRMWARE, image_id)


def for_station(station: Station, image_id: str) -> FirmwareImage:
    """The image, for a station that it fits.

    Raises:
        NotFound: If the network has none of that id.
        Conflict: If it is for other stations.
    """
    image = of_network(station.network_id, image_id)
    if not image.fits(station):
        raise Conflict(
            f"The image is for {image.vendor or 'any vendor'}, {image.model or 'any model'}; the station is "
            f"{station.vendor or 'of an unknown vendor'}, {station.model or 'of an unknown model'}."
        )
    return image


def of_network(network_id: int, image_id: str) -> FirmwareImage:
    """The image of that id.

    Raises:
        NotFound: If the network has none.
    """
    found = FirmwareImage.objects.filter(network=network_id, pk=image_id).first()
    if found is None:
        raise NotFound("The firmware store has no such image.")
    return found


def by_token(token: str) -> FirmwareImage:
    """The image that may be fetched with ``token``.

    Raises:
        NotFound: If there is none.
    """
    found = FirmwareImage.objects.filter(token=token).first()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def sweep() -> None:
    """Delete files that belong to no image. Safe to run any time."""
    file_store.sweep(
        file_store.FIRMWARE,
        lambda names: FirmwareImage.objects.filter(pk__in=names).values_list("pk", flat=True),
    )


def _check(said: Description) -> None:
    if not said.version:
        raise Invalid("Say which version it is.", "version")
    if bool(said.signature) != bool(said.signing_certificate):
        raise Invalid(
            "A signature needs the certificate of who signed, and the other way round.", "signature"
        )
    if said.signature:
        _check_signature(said)


def _check_signature(said: Description) -> None:
    try:
        base64.b64decode(said.signature, validate=True)
    except binascii.Error:
        raise Invalid("The signature isn't Base64.", "signature") from None
    if len(said.signature) > LONGEST_SIGNATURE:
        raise Invalid(f"A signature has up to {LONGEST_SIGNATURE} characters.", "signature")
    if len(said.signing_certificate) > LONGEST_CERTIFICATE:
        raise Invalid(f"A certificate has up to {LONGEST_CERTIFICATE} characters.", "signing_certificate")
    try:
        x509.load_pem_x509_certificate(said.signing_certificate.encode())
    except ValueError:
        raise Invalid("This is no certificate in PEM.", "signing_certificate") from None


def _plain(filename: str) -> str:
    """A name that any station can have in a URL, and nothing else."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")[-LONGEST_FILENAME:]
