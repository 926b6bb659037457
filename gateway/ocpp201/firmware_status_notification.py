"""FirmwareStatusNotification (OCPP 2.0.1, use cases L01 and L02): an update moves on."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import ProgressReport
from stations.services.commanding import progress


def parse(payload: Payload) -> ProgressReport:
    """Translate FirmwareStatusNotificationRequest; ``requestId`` is absent only while idle."""
    return ProgressReport(status=payload["status"], request_id=payload.get("requestId"))


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the update has come, and tell of it."""
    progress.firmware(station, parse(payload))
    return {}
