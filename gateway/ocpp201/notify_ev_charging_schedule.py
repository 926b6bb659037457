"""NotifyEVChargingSchedule (OCPP 2.0.1, use cases K15 to K17): the schedule that an EV has chosen.

Rejected would announce a schedule of ours (K15.FR.13), and we make none yet; so there is none to break. It
is kept in the message log.
"""

from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Accept, as there is no schedule of ours to break. The message log keeps it."""
    return {"status": "Accepted"}
