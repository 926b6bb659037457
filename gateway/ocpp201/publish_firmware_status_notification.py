"""PublishFirmwareStatusNotification (OCPP 2.0.1, use case L03): a local controller publishes firmware."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import PublicationReport
from stations.services.commanding import progress


def parse(payload: Payload) -> PublicationReport:
    """Translate PublishFirmwareStatusNotificationRequest; ``location`` comes with Published."""
    return PublicationReport(
        status=payload["status"],
        request_id=payload.get("requestId"),
        locations=tuple(payload.get("location", ())),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Note how far the publication has come, and where the file is offered; tell of it."""
    progress.publication(station, parse(payload))
    return {}
