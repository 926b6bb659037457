import pytest

from gateway.ocpp201 import firmware_status_notification, log_status_notification
from stations.reports import ProgressReport
from tests.gateway.hearing import hear, parsed, told

UPDATE = (firmware_status_notification, "FirmwareStatusNotification", "Installed", "firmware.status_changed")
UPLOAD = (log_status_notification, "LogStatusNotification", "AcceptedCanceled", "log.status_changed")


@pytest.mark.parametrize(("module", "action", "status", "kind"), [UPDATE, UPLOAD])
@pytest.mark.parametrize(("said", "request_id"), [({}, None), ({"requestId": 0}, 0), ({"requestId": 7}, 7)])
def test_progress_belongs_to_a_request_unless_there_is_none(module, action, status, kind, said, request_id):
    report = parsed("2.0.1", module, action, {"status": status} | said)
    assert report == ProgressReport(status=status, request_id=request_id)


@pytest.mark.parametrize(("module", "action", "status", "kind"), [UPDATE, UPLOAD])
def test_what_moves_on_is_told(bravo, module, action, status, kind):
    assert hear(bravo, action, {"status": status, "requestId": 7}) == {}
    (event,) = told(bravo)
    assert (event.type, event.data["status"], event.data["request_id"]) == (kind, status, 7)
