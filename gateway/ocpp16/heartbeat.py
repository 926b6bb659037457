"""Heartbeat (OCPP 1.6, section 4.6): a station is there, and asks what time it is."""

from emobi.core import clock
from gateway.adapter import Payload
from stations.models import Station


def handle(station: Station, payload: Payload) -> Payload:
    """Answer our time, at the answer and not at the receipt: the station sets its clock by it.

    That the station was heard is noted for every frame.
    """
    return {"currentTime": clock.iso(clock.wall())}
