"""SignedFirmwareStatusNotification (OCPP 1.6 security whitepaper, section 5.19): a signed update.

Its words are 2.0.1's.
"""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import ProgressReport
from stations.services.commanding import progress


def parse(payload: Payload) -> ProgressReport:
    """Translate SignedFirmwareStatusNotification.req; ``requestId`` is absent only while idle."""
    return ProgressReport(status=payload["status"], request_id=payload.get("requestId"))


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the update has come, and tell of it."""
    progress.firmware(station, parse(payload))
    return {}
