"""Messages that are only acknowledged: with what is true, and nothing is made up."""

import pytest

from emobi.core.models import Event
from tests.gateway.hearing import hear

AT = "2026-05-04T11:00:00Z"
SCHEDULE = {
    "id": 1,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
}
PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [SCHEDULE],
}
HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a",
    "issuerKeyHash": "b",
    "serialNumber": "1",
    "responderURL": "http://ocsp.example",
}


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("ClearedChargingLimit", {"chargingLimitSource": "EMS"}, {}),
        ("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}}, {}),
        ("NotifyCustomerInformation", {"data": "x", "seqNo": 0, "generatedAt": AT, "requestId": 1}, {}),
        ("NotifyDisplayMessages", {"requestId": 1}, {}),
        ("NotifyMonitoringReport", {"requestId": 1, "seqNo": 0, "generatedAt": AT}, {}),
        ("PublishFirmwareStatusNotification", {"status": "Published", "location": ["http://x"]}, {}),
        (
            "ReportChargingProfiles",
            {"requestId": 1, "chargingLimitSource": "CSO", "evseId": 0, "chargingProfile": [PROFILE]},
            {},
        ),
        ("ReservationStatusUpdate", {"reservationId": 1, "reservationUpdateStatus": "Expired"}, {}),
        (
            "NotifyEVChargingNeeds",
            {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "DC"}},
            {"status": "Rejected"},
        ),
        (
            "NotifyEVChargingSchedule",
            {"timeBase": AT, "evseId": 1, "chargingSchedule": SCHEDULE},
            {"status": "Accepted"},
        ),
        ("SignCertificate", {"csr": "-----BEGIN"}, {"status": "Rejected"}),
        (
            "Get15118EVCertificate",
            {"iso15118SchemaVersion": "urn", "action": "Install", "exiRequest": "eA=="},
            {"status": "Failed", "exiResponse": ""},
        ),
        ("GetCertificateStatus", {"ocspRequestData": HASHES}, {"status": "Failed"}),
    ],
)
def test_a_station_is_told_no_more_than_is_done(bravo, action, payload, answer):
    assert hear(bravo, action, payload) == answer
    assert not Event.objects.exists()
