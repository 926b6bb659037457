"""ClearedChargingLimit (OCPP 2.0.1, use case K13): an external system no longer limits charging.

Acknowledged, and kept in the message log; nothing else is made of it yet.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Acknowledge; the message log keeps it."""
    return {}
