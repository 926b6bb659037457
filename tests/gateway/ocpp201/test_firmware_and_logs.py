"""Firmware and logs in 2.0.1: the CALLs of commands, the outcomes of answers, a controller's progress."""

from datetime import UTC, datetime

import pytest

from gateway.ocpp201 import publish_firmware_status_notification
from stations.commands.firmware import PublishFirmware, UnpublishFirmware, UpdateFirmware
from stations.commands.logs import GetLog, LogType
from stations.models import CommandState
from stations.reports import PublicationReport
from tests.gateway.hearing import answered, asked, hear, parsed, told

SEVEN = datetime(2026, 11, 22, 7, tzinfo=UTC)
EIGHT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
MD5 = "9e107d9d372bb6826bd81d3542a419d6"
FTP = "ftp://user:word@files.example.com/"


@pytest.mark.parametrize(
    ("command", "params", "action", "payload"),
    [
        (
            "update_firmware",
            UpdateFirmware(location=FTP, retrieve_date_time=SEVEN, request_id=4),
            "UpdateFirmware",
            {"requestId": 4, "firmware": {"location": FTP, "retrieveDateTime": "2026-11-22T07:00:00.000Z"}},
        ),
        (
            "update_firmware",
            UpdateFirmware(
                location=FTP,
                retrieve_date_time=SEVEN,
                install_date_time=EIGHT,
                signing_certificate="PEM",
                signature="c2lnbmVk",
                retries=0,
                retry_interval=60,
                request_id=4,
            ),
            "UpdateFirmware",
            {
                "requestId": 4,
                "retries": 0,
                "retryInterval": 60,
                "firmware": {
                    "location": FTP,
                    "retrieveDateTime": "2026-11-22T07:00:00.000Z",
                    "installDateTime": "2026-11-22T08:00:00.123Z",
                    "signingCertificate": "PEM",
                    "signature": "c2lnbmVk",
                },
            },
        ),
        (
            "publish_firmware",
            PublishFirmware(location=FTP, checksum=MD5, retries=3, retry_interval=0, request_id=4),
            "PublishFirmware",
            {"location": FTP, "checksum": MD5, "requestId": 4, "retries": 3, "retryInterval": 0},
        ),
        ("unpublish_firmware", UnpublishFirmware(checksum=MD5), "UnpublishFirmware", {"checksum": MD5}),
        (
            "get_log",
            GetLog(remote_location=FTP, request_id=4),
            "GetLog",
            {"logType": "DiagnosticsLog", "requestId": 4, "log": {"remoteLocation": FTP}},
        ),
        (
            "get_log",
            GetLog(
                log_type=LogType.SECURITY,
                remote_location=FTP,
                oldest_timestamp=SEVEN,
                latest_timestamp=EIGHT,
                retries=1,
                retry_interval=5,
                security_extension=True,
                request_id=4,
            ),
            "GetLog",
            {
                "logType": "SecurityLog",
                "requestId": 4,
                "retries": 1,
                "retryInterval": 5,
                "log": {
                    "remoteLocation": FTP,
                    "oldestTimestamp": "2026-11-22T07:00:00.000Z",
                    "latestTimestamp": "2026-11-22T08:00:00.123Z",
                },
            },
        ),
    ],
)
def test_a_command_is_said_with_every_field(command, params, action, payload):
    assert asked("2.0.1", command, params) == (action, payload)


UPDATE = UpdateFirmware(location=FTP)
PUBLICATION = PublishFirmware(location=FTP, checksum=MD5)


@pytest.mark.parametrize(
    ("command", "params", "status", "state"),
    [
        *(("update_firmware", UPDATE, word, "accepted") for word in ("Accepted", "AcceptedCanceled")),
        *(
            ("update_firmware", UPDATE, word, "rejected")
            for word in ("Rejected", "InvalidCertificate", "RevokedCertificate")
        ),
        ("publish_firmware", PUBLICATION, "Accepted", "accepted"),
        ("publish_firmware", PUBLICATION, "Rejected", "rejected"),
        ("unpublish_firmware", UnpublishFirmware(checksum=MD5), "Unpublished", "accepted"),
        ("unpublish_firmware", UnpublishFirmware(checksum=MD5), "NoFirmware", "rejected"),
        ("unpublish_firmware", UnpublishFirmware(checksum=MD5), "DownloadOngoing", "rejected"),
        ("get_log", GetLog(), "AcceptedCanceled", "accepted"),
        ("get_log", GetLog(), "Rejected", "rejected"),
    ],
)
def test_an_answer_ends_its_command(command, params, status, state):
    outcome = answered("2.0.1", command, params, {"status": status})
    assert (outcome.state, outcome.status, dict(outcome.detail)) == (CommandState(state), status, {})


def test_a_station_names_the_file_that_it_will_upload():
    outcome = answered("2.0.1", "get_log", GetLog(), {"status": "Accepted", "filename": " bravo.log "})
    assert outcome.detail == {"filename": "bravo.log"}


@pytest.mark.parametrize(
    ("said", "report"),
    [
        ({"status": "Idle"}, PublicationReport(status="Idle")),
        (
            {"status": "Published", "requestId": 7, "location": ["http://a/f", "ftp://a/f"]},
            PublicationReport(status="Published", request_id=7, locations=("http://a/f", "ftp://a/f")),
        ),
    ],
)
def test_a_controller_says_where_it_publishes(said, report):
    action = "PublishFirmwareStatusNotification"
    assert parsed("2.0.1", publish_firmware_status_notification, action, said) == report


def test_a_publication_that_moves_on_is_told(bravo):
    said = {"status": "Published", "requestId": 7, "location": ["http://a/f"]}
    assert hear(bravo, "PublishFirmwareStatusNotification", said) == {}
    (event,) = told(bravo)
    assert event.type == "firmware.publish_status_changed"
    assert event.data["locations"] == ["http://a/f"]
    assert (event.data["status"], event.data["request_id"]) == ("Published", 7)
