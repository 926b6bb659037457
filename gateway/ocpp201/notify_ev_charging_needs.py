"""NotifyEVChargingNeeds (OCPP 2.0.1, use case K15): what an EV needs, so that we make a schedule for it.

We make no schedules yet and say so (K15.FR.04); the station then goes by the profiles that it has. The
needs are kept in the message log.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Refuse: no schedules are made yet. The message log keeps it."""
    return {"status": "Rejected"}
