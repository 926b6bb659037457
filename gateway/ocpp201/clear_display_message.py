"""ClearDisplayMessage (OCPP 2.0.1, use case O05): remove a message."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.display_messages import ClearDisplayMessage
from stations.commands.outcome import Outcome


def encode(command: ClearDisplayMessage) -> Payload:
    return {"id": command.message_id}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
