import pytest

from gateway.ocpp16 import diagnostics_status_notification, log_status_notification
from stations.reports import ProgressReport
from tests.gateway.hearing import hear, parsed, told


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("Idle", "Idle"),
        ("Uploading", "Uploading"),
        ("Uploaded", "Uploaded"),
        ("UploadFailed", "UploadFailure"),
    ],
)
def test_words_of_diagnostics_are_those_of_logs(word, ours):
    report = parsed("1.6", diagnostics_status_notification, "DiagnosticsStatusNotification", {"status": word})
    assert report == ProgressReport(status=ours, unnumbered=True)


def test_the_upload_of_a_log_has_a_number():
    said = {"status": "Uploading", "requestId": 3}
    report = parsed("1.6", log_status_notification, "LogStatusNotification", said)
    assert report == ProgressReport(status="Uploading", request_id=3)


@pytest.mark.parametrize(
    ("action", "word"),
    [("DiagnosticsStatusNotification", "UploadFailed"), ("LogStatusNotification", "UploadFailure")],
)
def test_an_upload_that_moves_on_is_told(alpha, action, word):
    assert hear(alpha, action, {"status": word}) == {}
    (event,) = told(alpha)
    assert (event.type, event.data["status"]) == ("log.status_changed", "UploadFailure")
