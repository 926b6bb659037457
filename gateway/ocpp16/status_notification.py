"""StatusNotification (OCPP 1.6, section 4.9): a connector, or the station itself, changed its state."""

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp16 import fields
from sessions.services import charging_sessions
from stations.models import Station
from stations.reports import StatusReport
from stations.services.device_model import connectors

# ChargePointStatus (section 7.7) → ConnectorStatusEnumType, and what it says of a transaction there.
STATUSES: dict[str, tuple[str, str | None]] = {
    "Available": ("Available", "Idle"),
    "Preparing": ("Occupied", "EVConnected"),
    "Charging": ("Occupied", "Charging"),
    "SuspendedEV": ("Occupied", "SuspendedEV"),
    "SuspendedEVSE": ("Occupied", "SuspendedEVSE"),
    "Finishing": ("Occupied", "EVConnected"),
    "Reserved": ("Reserved", None),
    "Unavailable": ("Unavailable", None),
    "Faulted": ("Faulted", None),
}
NO_ERROR = "NoError"


def parse(payload: Payload) -> StatusReport:
    """Translate StatusNotification.req. A word that 1.6 doesn't know is passed on as it is."""
    evse_id, connector_id = fields.place(payload["connectorId"])
    word = payload["status"]
    status, charging_state = STATUSES.get(word, (word, None))
    error_code = payload["errorCode"]
    return StatusReport(
        evse_id=evse_id,
        connector_id=connector_id,
        status=status,
        detail=word if status != word else None,
        charging_state=charging_state,
        error_code=error_code if error_code != NO_ERROR else None,
        vendor_error_code=fields.text(payload.get("vendorErrorCode")),
        info=fields.text(payload.get("info")),
        station_time=timestamps.read(payload.get("timestamp")),
    )


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    connectors.expect(station)
    charging_sessions.expect(station)


def handle(station: Station, payload: Payload) -> Payload:
    """Note the connector's status, and tell of it where it changed; a fault begins or ends with it."""
    report = parse(payload)
    connectors.report_status(station, report)
    charging_sessions.note_charging_state(station, report.evse_id, report.charging_state, report.station_time)
    return {}
