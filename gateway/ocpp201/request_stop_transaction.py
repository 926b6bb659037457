"""RequestStopTransaction (OCPP 2.0.1, use case F03): end a transaction."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStop


def encode(command: RemoteStop) -> Payload:
    """``transaction_id`` has been put in the place of our session's id by now."""
    return {"transactionId": command.transaction_id}


def decode(payload: Payload) -> Outcome:
    """Accepted is a promise to try."""
    return fields.outcome(payload)
