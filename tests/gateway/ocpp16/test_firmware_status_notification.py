import pytest

from gateway.ocpp16 import firmware_status_notification, signed_firmware_status_notification
from stations.reports import ProgressReport
from tests.gateway.hearing import hear, parsed, told


def test_an_update_of_this_version_has_no_number():
    report = parsed(
        "1.6", firmware_status_notification, "FirmwareStatusNotification", {"status": "Downloading"}
    )
    assert report == ProgressReport(status="Downloading", unnumbered=True)


@pytest.mark.parametrize(("said", "request_id"), [({}, None), ({"requestId": 0}, 0), ({"requestId": 7}, 7)])
def test_a_signed_update_has_one_unless_it_is_idle(said, request_id):
    payload = {"status": "InvalidSignature"} | said
    report = parsed("1.6", signed_firmware_status_notification, "SignedFirmwareStatusNotification", payload)
    assert report == ProgressReport(status="InvalidSignature", request_id=request_id)


@pytest.mark.parametrize("action", ["FirmwareStatusNotification", "SignedFirmwareStatusNotification"])
def test_an_update_that_moves_on_is_told(alpha, action):
    assert hear(alpha, action, {"status": "Installed"}) == {}
    (event,) = told(alpha)
    assert (event.type, event.data["status"]) == ("firmware.status_changed", "Installed")
