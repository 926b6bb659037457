import os

import pytest

from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import AuditEntry
from stations import file_store
from stations.models import FirmwareCampaign, FirmwareImage
from stations.services.files import firmware_images
from stations.services.files.firmware_images import Description
from tests.stations.signing import CERTIFICATE
from tests.stations.test_file_store import OLD


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path


def add(network, content=b"image", filename="w1-1.1.0.bin", **said):
    given = {"version": "1.1.0", **said}
    return firmware_images.add(network, filename, [content], Description(**given), by="user:alice")


def test_an_image_is_kept_and_told_in_the_audit_log(network):
    image = add(network, vendor="Wallworks", model="W1")
    assert file_store.path(file_store.FIRMWARE, image.pk).read_bytes() == b"image"
    assert (image.size, image.filename) == (5, "w1-1.1.0.bin")
    assert len(image.token) == 43
    entry = AuditEntry.objects.get(action="firmware_image.added")
    assert (entry.actor, entry.detail["image"], entry.target) == (
        "user:alice",
        image.pk,
        "Wallworks W1 1.1.0",
    )
    assert firmware_images.by_token(image.token) == image


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("fw.bin", "fw.bin"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fw\\w 1.bin", "w-1.bin"),
        ("früh.bin", "fr-h.bin"),
        ("...", "firmware.bin"),
        ("x" * 300 + ".bin", "x" * 146 + ".bin"),
    ],
)
def test_a_name_is_one_that_any_station_can_ask_for(network, given, kept):
    assert add(network, filename=given).filename == kept


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"version": ""}, "version"),
        ({"signature": "c2ln"}, "signature"),
        ({"signing_certificate": CERTIFICATE}, "signature"),
        ({"signature": "no!", "signing_certificate": CERTIFICATE}, "signature"),
        ({"signature": "QUJD" * 201, "signing_certificate": CERTIFICATE}, "signature"),
        ({"signature": "c2ln", "signing_certificate": "none"}, "signing_certificate"),
        ({"signature": "c2ln", "signing_certificate": CERTIFICATE + "x" * 5500}, "signing_certificate"),
        ({"content": b""}, "file"),
        ({"content": b"x" * ((1 << 20) + 1)}, "file"),
    ],
)
def test_what_no_station_could_take_is_refused(network, settings, said, field):
    settings.EMOBI_UPLOAD_LIMIT_MB = 1
    with pytest.raises(Invalid) as refusal:
        add(network, **said)
    assert refusal.value.field == field
    assert not FirmwareImage.objects.exists()


@pytest.mark.parametrize(
    ("vendor", "model", "fits"),
    [
        ("", "", True),
        ("wallworks", "", True),
        ("Wallworks", "w1", True),
        ("Wallworks", "W2", False),
        ("Other", "", False),
    ],
)
def test_an_image_is_for_stations_of_its_vendor_and_model(alpha, vendor, model, fits):
    alpha.vendor, alpha.model = "WallWorks", "W1"
    image = add(alpha.network, vendor=vendor, model=model)
    if fits:
        assert firmware_images.for_station(alpha, image.pk) == image
    else:
        with pytest.raises(Conflict, match="WallWorks, W1"):
            firmware_images.for_station(alpha, image.pk)


def test_another_networks_image_is_none(alpha, stranger):
    image = add(stranger.network)
    with pytest.raises(NotFound):
        firmware_images.for_station(alpha, image.pk)


def test_a_deleted_image_is_gone_with_its_file(network):
    image = add(network)
    path = file_store.path(file_store.FIRMWARE, image.pk)
    token = image.token
    firmware_images.delete(image, by="user:alice")
    assert not path.exists()
    with pytest.raises(NotFound):
        firmware_images.by_token(token)
    assert AuditEntry.objects.filter(action="firmware_image.deleted").count() == 1


def test_an_image_of_a_campaign_stays(network):
    image = add(network)
    FirmwareCampaign.objects.create(
        id="01K", network=network, image=image, wave_size=1, max_failure_percent=0, station_timeout_s=60
    )
    with pytest.raises(Conflict):
        firmware_images.delete(image, by="user:alice")
    assert file_store.path(file_store.FIRMWARE, image.pk).exists()


def test_a_file_without_an_image_is_swept_away(network):
    kept, lost = add(network), add(network)
    for image in (kept, lost):
        os.utime(file_store.path(file_store.FIRMWARE, image.pk), (OLD, OLD))
    FirmwareImage.objects.filter(pk=lost.pk).delete()
    firmware_images.sweep()
    assert file_store.path(file_store.FIRMWARE, kept.pk).exists()
    assert not file_store.path(file_store.FIRMWARE, lost.pk).exists()
