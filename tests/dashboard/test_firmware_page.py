"""Firmware campaigns: to whom they go, and how they begin."""

import pytest

from emobi.core import ulid
from stations.models import FirmwareCampaign, FirmwareImage, Station
from tests.dashboard.conftest import enlist, signed_in

BEGIN = "/firmware/campaigns/begin/"


@pytest.fixture
def engineer(network):
    return signed_in(enlist(network, "enna", "engineer"))


@pytest.fixture
def image(network):
    return FirmwareImage.objects.create(
        id=ulid.new(), network=network, version="2.0", filename="two.bin", size=7, sha256="0" * 64,
        md5="0" * 32, token="t",
    )  # fmt: skip


@pytest.fixture
def form(image):
    """As the store's form is sent."""
    return {
        "image": image.pk, "name": "autumn", "wave": "1", "wave_unit": "stations",
        "max_failure_percent": "10", "hours": "6", "stations": "",
    }  # fmt: skip


def test_an_identity_with_spaces_is_one_station(alpha, bravo, network, engineer, form):
    Station.objects.create(network=network, identity="Depot A 1")
    named = form | {"stations": "Depot A 1\r\n alpha \r\n\r\n", "typed": "2", "reason": "a fault"}
    assert engineer.post(BEGIN, named).status_code == 302
    targets = FirmwareCampaign.objects.get().targets.order_by("wave")
    assert [target.station.identity for target in targets] == ["Depot A 1", "alpha"]
