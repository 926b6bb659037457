"""NotifyEvent (OCPP 2.0.1, use cases N07 and N08): monitors of the device model went off."""

from typing import Any

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.models import Station
from stations.reports import MonitoredEventReport
from stations.services.device_model import monitored_events

# Fields of EventDataType that are kept, but that nothing is decided by.
DETAIL = {
    "cause": "cause",
    "eventNotificationType": "event_notification_type",
    "techCode": "tech_code",
    "techInfo": "tech_info",
    "variableMonitoringId": "variable_monitoring_id",
}


def parse(payload: Payload) -> tuple[MonitoredEventReport, ...]:
    """Translate NotifyEventRequest. Each event stands for itself: parts needn't be put together."""
    return tuple(_event(element) for element in payload["eventData"])


def _event(element: Payload) -> MonitoredEventReport:
    component, variable = element["component"], element["variable"]
    evse_id, connector_id = fields.place(component.get("evse"))
    detail: dict[str, Any] = {ours: element[theirs] for theirs, ours in DETAIL.items() if theirs in element}
    if "instance" in component:
        detail["component_instance"] = component["instance"]
    if "instance" in variable:
        detail["variable_instance"] = variable["instance"]
    return MonitoredEventReport(
        event_id=element["eventId"],
        station_time=timestamps.read(element.get("timestamp")),
        trigger=element["trigger"],
        component=component["name"],
        variable=variable["name"],
        actual_value=element["actualValue"],
        evse_id=evse_id,
        connector_id=connector_id,
        cleared=element.get("cleared", False),
        transaction_id=element.get("transactionId") or None,
        detail=detail,
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the events, each once."""
    monitored_events.record(station, parse(payload))
    return {}
