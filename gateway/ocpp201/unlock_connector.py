"""UnlockConnector (OCPP 2.0.1, use case F05): let go of a plug."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.everyday import Unlock
from stations.commands.outcome import Outcome


def encode(command: Unlock) -> Payload:
    return {"evseId": command.evse_id, "connectorId": command.connector_id}


def decode(payload: Payload) -> Outcome:
    """Refused during an authorized transaction: that has to be stopped first (F05.FR.02)."""
    return fields.outcome(payload)
