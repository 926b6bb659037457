"""Firmware campaigns: to whom they go is said before, and the number typed; then they begin."""

import pytest

from emobi.core import ulid
from emobi.core.models import AuditEntry
from stations.models import FirmwareCampaign, FirmwareImage, Station
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import charge

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


def words(response, status):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_who_gets_it_is_said_before_and_their_number_typed(alpha, bravo, network, stranger, engineer, form):
    Station.objects.create(network=network, identity="off", connectivity="offline", ocpp_version="1.6")
    charge(alpha)
    page = words(engineer.post(BEGIN, form), 200)
    assert not FirmwareCampaign.objects.exists()
    assert "All that it fits and that don't run it: alpha, bravo, off" in page
    assert "<strong>2</strong> are connected" in page
    assert "<strong>1</strong> not connected" in page
    assert "1 session runs now" in page
    assert "3, of 1 station at most" in page
    assert "Type 3 to confirm" in page
    assert 'name="name" value="autumn"' in page
    for wrong in ({"typed": ""}, {"typed": "2", "reason": "a fault"}, {"typed": "3", "reason": " "}):
        assert "Type 3 to confirm" in words(engineer.post(BEGIN, form | wrong), 422)
    assert not FirmwareCampaign.objects.exists()
    begun = engineer.post(BEGIN, form | {"typed": "3", "reason": "a fault"})
    campaign = FirmwareCampaign.objects.get()
    assert begun.url == f"/firmware/campaigns/{campaign.pk}/"
    assert campaign.targets.count() == 3
    assert AuditEntry.objects.get(action="firmware_campaign.begun").detail["reason"] == "a fault"


def test_what_was_typed_comes_back_to_be_changed(alpha, engineer, form):
    back = words(engineer.post(BEGIN, form | {"stations": "alpha", "typed": "", "change": "1"}), 200)
    assert ">alpha</textarea>" in back
    assert 'value="autumn"' in back
    assert "Hours: from 1 to 168." in words(engineer.post(BEGIN, form | {"hours": "0"}), 422)
    assert "There is no station nowhere." in words(engineer.post(BEGIN, form | {"stations": "nowhere"}), 422)


def test_an_identity_with_spaces_is_one_station(alpha, bravo, network, engineer, form):
    Station.objects.create(network=network, identity="Depot A 1")
    named = form | {"stations": "Depot A 1\r\n alpha \r\n\r\n", "typed": "2", "reason": "a fault"}
    assert engineer.post(BEGIN, named).status_code == 302
    targets = FirmwareCampaign.objects.get().targets.order_by("wave")
    assert [target.station.identity for target in targets] == ["Depot A 1", "alpha"]
