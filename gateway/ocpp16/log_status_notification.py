"""LogStatusNotification (OCPP 1.6 security whitepaper, section 5.13): an upload of a log moves on."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import ProgressReport
from stations.services.commanding import progress


def parse(payload: Payload) -> ProgressReport:
    """Translate LogStatusNotification.req; ``requestId`` is absent only while idle."""
    return ProgressReport(status=payload["status"], request_id=payload.get("requestId"))


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the upload has come, and tell of it."""
    progress.log(station, parse(payload))
    return {}
