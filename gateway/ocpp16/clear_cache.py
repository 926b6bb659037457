"""ClearCache (OCPP 1.6, section 5.4): forget the tokens that the station remembers."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.everyday import ClearCache
from stations.commands.outcome import Outcome


def encode(command: ClearCache) -> Payload:
    return {}


def decode(payload: Payload) -> Outcome:
    """Rejected is also what a station without a cache says (errata 3.23)."""
    return fields.outcome(payload)
