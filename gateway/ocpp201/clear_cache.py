"""ClearCache (OCPP 2.0.1, use case C11): forget the tokens that the station remembers."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.everyday import ClearCache
from stations.commands.outcome import Outcome


def encode(command: ClearCache) -> Payload:
    return {}


def decode(payload: Payload) -> Outcome:
    """Rejected is also what a station without a cache says (C11.FR.04)."""
    return fields.outcome(payload)
