"""ExtendedTriggerMessage (OCPP 1.6 security whitepaper, section 5.5): send a message now, whichever it is.

A station answers one for FirmwareStatusNotification with SignedFirmwareStatusNotification (section 6.16).
"""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.everyday import Trigger, TriggerMessage

MESSAGES = {
    Trigger.BOOT_NOTIFICATION: "BootNotification",
    Trigger.FIRMWARE_STATUS: "FirmwareStatusNotification",
    Trigger.HEARTBEAT: "Heartbeat",
    Trigger.LOG_STATUS: "LogStatusNotification",
    Trigger.METER_VALUES: "MeterValues",
    Trigger.SIGN_CHARGING_STATION_CERTIFICATE: "SignChargePointCertificate",
    Trigger.STATUS: "StatusNotification",
}


def encode(command: TriggerMessage) -> Payload:
    message = MESSAGES.get(command.requested_message)
    if message is None:
        name = command.requested_message.value
        raise CommandUnsupported(f"OCPP 1.6's security extension can't ask for {name}")
    return fields.trigger(message, command.evse_id, command.connector_id)
