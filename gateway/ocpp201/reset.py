"""Reset (OCPP 2.0.1, use cases B11 and B12): restart the station, or one EVSE of it."""

from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations.commands.everyday import Reset
from stations.commands.outcome import Outcome


def encode(command: Reset) -> Payload:
    """2.0.1 has no say in how hard a reset is, which may be what somebody counts on."""
    if command.hard:
        raise CommandUnsupported("OCPP 2.0.1 has no hard reset: type Immediate is all that it knows")
    payload: dict[str, Any] = {"type": command.type.value}
    if command.evse_id:
        payload["evseId"] = command.evse_id
    return payload


def decode(payload: Payload) -> Outcome:
    """Scheduled: when the transactions under way have ended."""
    return fields.outcome(payload)
