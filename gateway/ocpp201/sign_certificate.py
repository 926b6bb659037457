"""SignCertificate (OCPP 2.0.1, use cases A02 and A03): a station wants its key signed."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import SigningReport
from stations.services.trust import signing_requests


def parse(payload: Payload) -> SigningReport:
    """Translate SignCertificateRequest."""
    use = payload.get("certificateType")
    if use is None:
        return SigningReport(csr=payload["csr"], combined=True)
    return SigningReport(csr=payload["csr"], use=use)


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the request at once; the worker has it signed, and a command brings the chain."""
    accepted = signing_requests.receive(station, parse(payload))
    return {"status": "Accepted" if accepted else "Rejected"}
