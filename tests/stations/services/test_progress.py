import pytest

from stations.models import Station
from stations.reports import ProgressReport
from stations.services import progress
from tests.stations.telling import tell, told, types


def test_an_update_that_moves_on_is_told(alpha):
    for word in ("Downloading", "Downloading", "Downloaded", "Installed"):
        tell(progress.firmware, alpha, ProgressReport(status=word, request_id=5))
    assert [data["status"] for _, data in told(alpha)] == ["Downloading", "Downloaded", "Installed"]
    assert told(alpha)[0] == (
        "firmware.status_changed",
        {
            "status": "Downloading",
            "request_id": 5,
            "station_time": None,
            "received_at": "2026-05-04T12:00:00.000Z",
        },
    )
    assert Station.objects.get(pk=alpha.pk).firmware_status == alpha.firmware_status == "Installed"


def test_an_upload_that_moves_on_is_told(bravo):
    for word in ("Uploading", "Uploading", "Uploaded"):
        tell(progress.log, bravo, ProgressReport(status=word))
    assert types(bravo) == ["log.status_changed"] * 2
    assert Station.objects.get(pk=bravo.pk).log_status == "Uploaded"


def test_diagnostics_of_1_6_that_fail_are_told_in_the_words_of_2_0_1(alpha):
    tell(progress.log, alpha, ProgressReport(status="UploadFailed"))
    assert told(alpha)[0][1]["status"] == "UploadFailure"


@pytest.mark.parametrize("verb", [progress.firmware, progress.log])
def test_a_word_that_is_too_long_is_cut(alpha, verb):
    tell(verb, alpha, ProgressReport(status="x" * 99))
    tell(verb, alpha, ProgressReport(status="x" * 99))
    assert [len(data["status"]) for _, data in told(alpha)] == [40]
