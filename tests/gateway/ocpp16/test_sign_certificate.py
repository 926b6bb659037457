from gateway.ocpp16 import sign_certificate
from stations.models import SigningRequest
from stations.reports import SigningReport
from tests.certificate_tree import csr
from tests.gateway.hearing import hear, kinds


def test_it_is_a_request_for_the_stations_own_certificate():
    assert sign_certificate.parse({"csr": "text"}) == SigningReport(
        csr="text", use="ChargingStationCertificate", combined=False
    )


def test_a_request_is_answered_at_once_and_signed_later(alpha):
    alpha.serial_number = "SN1"
    text, _ = csr("SN1", "Grid")
    assert hear(alpha, "SignCertificate", {"csr": text}) == {"status": "Accepted"}
    assert SigningRequest.objects.get(station=alpha).state == "waiting"
    assert kinds(alpha) == ["certificate.sign_requested"]


def test_what_cannot_be_signed_is_rejected(alpha):
    assert hear(alpha, "SignCertificate", {"csr": "-----BEGIN"}) == {"status": "Rejected"}
