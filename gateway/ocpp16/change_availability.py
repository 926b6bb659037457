"""ChangeAvailability (OCPP 1.6, section 5.2): take a station, or a connector, out of service and back."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.everyday import SetAvailability
from stations.commands.outcome import Outcome


def encode(command: SetAvailability) -> Payload:
    """Connector 0 is the whole station."""
    return {
        "connectorId": fields.connector_number(command.evse_id, command.connector_id),
        "type": command.operational_status.value,
    }


def decode(payload: Payload) -> Outcome:
    """Scheduled: when the transactions under way have ended."""
    return fields.outcome(payload)
