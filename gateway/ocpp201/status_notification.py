"""StatusNotification (OCPP 2.0.1, use case G01): a connector changed its availability."""

from gateway import timestamps
from gateway.adapter import Payload
from stations.models import Station
from stations.reports import StatusReport
from stations.services.device_model import connectors


def parse(payload: Payload) -> StatusReport:
    """Translate StatusNotificationRequest. A word that 2.0.1 doesn't know is passed on as it is."""
    return StatusReport(
        evse_id=payload["evseId"],
        connector_id=payload["connectorId"],
        status=payload["connectorStatus"],
        station_time=timestamps.read(payload.get("timestamp")),
    )


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    connectors.expect(station)


def handle(station: Station, payload: Payload) -> Payload:
    """Note the connector's status, and tell of it where it changed; a fault begins or ends with it."""
    connectors.report_status(station, parse(payload))
    return {}
