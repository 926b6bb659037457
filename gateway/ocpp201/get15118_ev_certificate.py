"""Get15118EVCertificate (OCPP 2.0.1, use cases M01 and M02): an EV asks for a contract certificate.

We know no pool of contract certificates yet, so there is nothing that we could pass on to the EV. The request
is kept in the message log.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Refuse: no pool of contract certificates yet. The message log keeps it."""
    return {"status": "Failed", "exiResponse": ""}
