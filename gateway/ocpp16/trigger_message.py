"""TriggerMessage (OCPP 1.6, section 5.17): send a message now.

ExtendedTriggerMessage (security whitepaper, section 5.5) asks for what TriggerMessage can't. Fewer stations
know it, so it is used for nothing else. The answers are alike.
"""

from typing import Any, Literal

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.everyday import Trigger, TriggerMessage
from stations.commands.outcome import Outcome

MESSAGES = {
    Trigger.BOOT_NOTIFICATION: "BootNotification",
    Trigger.DIAGNOSTICS_STATUS: "DiagnosticsStatusNotification",
    Trigger.FIRMWARE_STATUS: "FirmwareStatusNotification",
    Trigger.HEARTBEAT: "Heartbeat",
    Trigger.METER_VALUES: "MeterValues",
    Trigger.STATUS: "StatusNotification",
}
EXTENDED = {
    Trigger.LOG_STATUS: "LogStatusNotification",
    Trigger.SIGN_CHARGING_STATION_CERTIFICATE: "SignChargePointCertificate",
}


def action(command: TriggerMessage) -> Literal["TriggerMessage", "ExtendedTriggerMessage"]:
    """Which of the two says ``command``."""
    return "ExtendedTriggerMessage" if command.requested_message in EXTENDED else "TriggerMessage"


def encode(command: TriggerMessage) -> Payload:
    message = (MESSAGES | EXTENDED).get(command.requested_message)
    if message is None:
        raise CommandUnsupported(f"OCPP 1.6 can't ask for {command.requested_message.value}")
    payload: dict[str, Any] = {"requestedMessage": message}
    connector_number = fields.connector_number(command.evse_id, command.connector_id)
    if command.evse_id is not None:
        payload["connectorId"] = connector_number
    return payload


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
