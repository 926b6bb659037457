import pytest

from gateway.ocpp201 import sign_certificate
from stations.models import SigningRequest
from stations.reports import SigningReport
from tests.certificate_tree import csr
from tests.gateway.hearing import hear, kinds

V2G, STATION = "V2GCertificate", "ChargingStationCertificate"


@pytest.mark.parametrize(
    ("payload", "report"),
    [
        ({"csr": "text"}, SigningReport(csr="text", use=STATION, combined=True)),
        ({"csr": "text", "certificateType": STATION}, SigningReport(csr="text", use=STATION)),
        ({"csr": "text", "certificateType": V2G}, SigningReport(csr="text", use=V2G)),
    ],
)
def test_a_station_may_say_what_the_certificate_is_for(payload, report):
    assert sign_certificate.parse(payload) == report


@pytest.mark.parametrize(("use", "name"), [(STATION, "SN1"), (V2G, "DE*ICE*E1")])
def test_a_request_is_answered_at_once_and_signed_later(bravo, use, name):
    bravo.serial_number = "SN1"
    text, _ = csr(name, "Grid")
    payload = {"csr": text, "certificateType": use}
    assert hear(bravo, "SignCertificate", payload) == {"status": "Accepted"}
    assert SigningRequest.objects.get(station=bravo).use == use
    assert kinds(bravo) == ["certificate.sign_requested"]


def test_what_cannot_be_signed_is_rejected(bravo):
    assert hear(bravo, "SignCertificate", {"csr": "-----BEGIN"}) == {"status": "Rejected"}
