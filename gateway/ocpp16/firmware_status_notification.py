"""FirmwareStatusNotification (OCPP 1.6, section 4.5): an update moves on. Its words are a part of 2.0.1's."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import ProgressReport
from stations.services.commanding import progress


def parse(payload: Payload) -> ProgressReport:
    """Translate FirmwareStatusNotification.req; it belongs to the last UpdateFirmware."""
    return ProgressReport(status=payload["status"], unnumbered=True)


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the update has come, and tell of it."""
    progress.firmware(station, parse(payload))
    return {}
