"""TriggerMessage (OCPP 2.0.1, use case F06): send a message now."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations.commands.everyday import Trigger, TriggerMessage
from stations.commands.outcome import Outcome


def encode(command: TriggerMessage) -> Payload:
    message = command.requested_message
    if message == Trigger.DIAGNOSTICS_STATUS:
        raise CommandUnsupported("OCPP 2.0.1 has LogStatusNotification in its place")
    if command.evse_id == 0:
        raise CommandUnsupported("OCPP 2.0.1 numbers its EVSEs from 1")
    if message == Trigger.STATUS and command.connector_id is None:
        # F06.FR.13
        raise CommandUnsupported("OCPP 2.0.1 asks for the status of one connector: name it and its EVSE")
    return {"requestedMessage": message.value, **fields.evse(command.evse_id, command.connector_id)}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
