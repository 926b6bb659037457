"""SignCertificate (OCPP 1.6 security whitepaper, section 5.17): a station wants its key signed.

There is no certificate authority for stations yet, and saying Accepted would promise a certificate.
The request is kept in the message log.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Refuse: no certificate authority yet. The message log keeps it."""
    return {"status": "Rejected"}
