"""TriggerMessage (OCPP 1.6, section 5.17): send a message now.

What it can't ask for, and what is asked by the security extension expressly, goes by ExtendedTriggerMessage
instead, which fewer stations know. The answers are alike.
"""

from typing import Literal

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import extended_trigger_message, fields
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


def action(command: TriggerMessage) -> Literal["TriggerMessage", "ExtendedTriggerMessage"]:
    """Which of the two says ``command``."""
    message = command.requested_message
    only_extended = message in extended_trigger_message.MESSAGES and message not in MESSAGES
    return "ExtendedTriggerMessage" if command.security_extension or only_extended else "TriggerMessage"


def encode(command: TriggerMessage) -> Payload:
    if action(command) == "ExtendedTriggerMessage":
        return extended_trigger_message.encode(command)
    message = MESSAGES.get(command.requested_message)
    if message is None:
        raise CommandUnsupported(f"OCPP 1.6 can't ask for {command.requested_message.value}")
    return fields.trigger(message, command.evse_id, command.connector_id)


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
