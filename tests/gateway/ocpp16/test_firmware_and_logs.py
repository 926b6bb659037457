"""Firmware and logs in 1.6: the CALLs that commands become, with the security extension and without it."""

from datetime import UTC, datetime

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER
from stations.commands.firmware import UpdateFirmware
from stations.commands.logs import GetLog, LogType
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

SEVEN = datetime(2026, 11, 22, 7, tzinfo=UTC)
EIGHT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
FTP = "ftp://user:word@files.example.com/"
SIGNED = UpdateFirmware(
    location=FTP,
    retrieve_date_time=SEVEN,
    install_date_time=EIGHT,
    signing_certificate="PEM",
    signature="c2lnbmVk",
    retries=0,
    retry_interval=60,
    request_id=4,
)


@pytest.mark.parametrize(
    ("command", "params", "action", "payload"),
    [
        (
            "update_firmware",
            UpdateFirmware(location=FTP, retrieve_date_time=SEVEN, request_id=4),
            "UpdateFirmware",
            {"location": FTP, "retrieveDate": "2026-11-22T07:00:00.000Z"},
        ),
        (
            "update_firmware",
            UpdateFirmware(location=FTP, retrieve_date_time=EIGHT, retries=2, retry_interval=60),
            "UpdateFirmware",
            {
                "location": FTP,
                "retrieveDate": "2026-11-22T08:00:00.123Z",
                "retries": 2,
                "retryInterval": 60,
            },
        ),
        (
            "update_firmware",
            SIGNED,
            "SignedUpdateFirmware",
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
        ("get_log", GetLog(remote_location=FTP, request_id=4), "GetDiagnostics", {"location": FTP}),
        (
            "get_log",
            GetLog(
                remote_location=FTP,
                oldest_timestamp=SEVEN,
                latest_timestamp=EIGHT,
                retries=1,
                retry_interval=5,
            ),
            "GetDiagnostics",
            {
                "location": FTP,
                "retries": 1,
                "retryInterval": 5,
                "startTime": "2026-11-22T07:00:00.000Z",
                "stopTime": "2026-11-22T08:00:00.123Z",
            },
        ),
        (
            "get_log",
            GetLog(log_type=LogType.SECURITY, remote_location=FTP, oldest_timestamp=SEVEN, request_id=4),
            "GetLog",
            {
                "logType": "SecurityLog",
                "requestId": 4,
                "log": {"remoteLocation": FTP, "oldestTimestamp": "2026-11-22T07:00:00.000Z"},
            },
        ),
        (
            "get_log",
            GetLog(
                remote_location=FTP,
                latest_timestamp=EIGHT,
                retries=1,
                retry_interval=5,
                security_extension=True,
                request_id=4,
            ),
            "GetLog",
            {
                "logType": "DiagnosticsLog",
                "requestId": 4,
                "retries": 1,
                "retryInterval": 5,
                "log": {"remoteLocation": FTP, "latestTimestamp": "2026-11-22T08:00:00.123Z"},
            },
        ),
    ],
)
def test_a_command_is_said_with_every_field(command, params, action, payload):
    assert asked("1.6", command, params) == (action, payload)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        (UpdateFirmware(location=FTP, install_date_time=EIGHT), "unless it is signed"),
        (UpdateFirmware(location=FTP, signature="c2lnbmVk"), "or neither"),
        (UpdateFirmware(location=FTP, signing_certificate="PEM"), "or neither"),
    ],
)
def test_what_this_version_can_not_say_is_refused_with_the_reason(params, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders["update_firmware"].encode(params)


@pytest.mark.parametrize(
    ("command", "params", "answer", "state", "status", "detail"),
    [
        ("update_firmware", UpdateFirmware(location=FTP), {}, "accepted", "Accepted", {}),
        *(
            ("update_firmware", SIGNED, {"status": word}, "accepted", word, {})
            for word in ("Accepted", "AcceptedCanceled")
        ),
        *(
            ("update_firmware", SIGNED, {"status": word}, "rejected", word, {})
            for word in ("Rejected", "InvalidCertificate", "RevokedCertificate")
        ),
        ("get_log", GetLog(), {"fileName": "a.zip"}, "accepted", "Accepted", {"filename": "a.zip"}),
        ("get_log", GetLog(), {"fileName": ""}, "rejected", "Rejected", {}),
        ("get_log", GetLog(), {}, "rejected", "Rejected", {}),
        (
            "get_log",
            GetLog(security_extension=True),
            {"status": "AcceptedCanceled", "filename": "a.zip"},
            "accepted",
            "AcceptedCanceled",
            {"filename": "a.zip"},
        ),
        ("get_log", GetLog(security_extension=True), {"status": "Rejected"}, "rejected", "Rejected", {}),
    ],
)
def test_an_answer_ends_its_command_in_the_words_of_2_0_1(command, params, answer, state, status, detail):
    outcome = answered("1.6", command, params, answer)
    assert (outcome.state, outcome.status, dict(outcome.detail)) == (CommandState(state), status, detail)
