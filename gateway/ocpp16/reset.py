"""Reset (OCPP 1.6, section 5.14): restart the station."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.everyday import Reset, ResetType
from stations.commands.outcome import Outcome


def encode(command: Reset) -> Payload:
    """Either reset of 1.6 ends the transactions under way; none waits for idle."""
    if command.evse_id:
        raise CommandUnsupported("OCPP 1.6 resets a whole station, not one EVSE")
    if command.type != ResetType.IMMEDIATE:
        raise CommandUnsupported("OCPP 1.6 can't wait until a station is idle")
    return {"type": "Hard" if command.hard else "Soft"}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
