"""SignCertificate (OCPP 1.6 security whitepaper, section 5.17): a station wants its key signed."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import SigningReport
from stations.services.trust import signing_requests


def parse(payload: Payload) -> SigningReport:
    """Translate SignCertificate.req; 1.6 knows one certificate, towards the central system."""
    return SigningReport(csr=payload["csr"])


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the request at once; the worker has it signed, and a command brings the chain."""
    accepted = signing_requests.receive(station, parse(payload))
    return {"status": "Accepted" if accepted else "Rejected"}
