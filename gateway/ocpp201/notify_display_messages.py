"""NotifyDisplayMessages (OCPP 2.0.1, use cases O03 and O04): a part of what a display has to show."""

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.models import Station
from stations.reports import DisplayMessageReport, DisplayMessagesReport
from stations.services.device_model import display_messages


def parse(payload: Payload) -> DisplayMessagesReport:
    """Translate NotifyDisplayMessagesRequest; without ``tbc`` it is the last part."""
    return DisplayMessagesReport(
        request_id=payload["requestId"],
        last=not payload.get("tbc", False),
        messages=tuple(_message(element) for element in payload.get("messageInfo", ())),
    )


def _message(element: Payload) -> DisplayMessageReport:
    message = element["message"]
    return DisplayMessageReport(
        message_id=element["id"],
        priority=element["priority"],
        format=message["format"],
        content=message["content"],
        language=message.get("language") or None,
        state=element.get("state"),
        start_at=timestamps.read(element.get("startDateTime")),
        end_at=timestamps.read(element.get("endDateTime")),
        transaction_id=element.get("transactionId") or None,
        display=_display(element["display"]) if "display" in element else None,
    )


def _display(component: Payload) -> Payload:
    evse_id, connector_id = fields.place(component.get("evse"))
    return {
        "component": component["name"],
        "component_instance": component.get("instance") or None,
        "evse_id": evse_id,
        "connector_id": connector_id,
    }


def handle(station: Station, payload: Payload) -> Payload:
    """Take the messages over, and tell of them; at the end of a report those that it left out are gone."""
    display_messages.report(station, parse(payload))
    return {}
