"""GetCertificateStatus (OCPP 2.0.1, use case M06): a station asks whether a certificate was revoked.

We ask no OCSP responders yet. The request is kept in the message log.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Refuse: no OCSP responders are asked yet. The message log keeps it."""
    return {"status": "Failed"}
