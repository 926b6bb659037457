"""ChangeAvailability (OCPP 2.0.1, use cases G03 and G04): take a station, or a part of it, out of service."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.everyday import SetAvailability
from stations.commands.outcome import Outcome


def encode(command: SetAvailability) -> Payload:
    return {
        "operationalStatus": command.operational_status.value,
        **fields.evse(command.evse_id, command.connector_id),
    }


def decode(payload: Payload) -> Outcome:
    """Scheduled: when the transactions under way have ended."""
    return fields.outcome(payload)
