"""NotifyCustomerInformation (OCPP 2.0.1, use case N09): a part of what a station knows of a customer.

Acknowledged, and kept in the message log; nothing else is made of it yet.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Acknowledge; the message log keeps it."""
    return {}
