"""UnlockConnector (OCPP 1.6, section 5.18): let go of a plug."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.everyday import Unlock
from stations.commands.outcome import Outcome


def encode(command: Unlock) -> Payload:
    return {"connectorId": fields.connector_number(command.evse_id, command.connector_id)}


def decode(payload: Payload) -> Outcome:
    """NotSupported: there is no lock, or no such connector."""
    return fields.outcome(payload)
