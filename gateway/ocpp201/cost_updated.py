"""CostUpdated (OCPP 2.0.1, use case I02): what a transaction has cost so far."""

from gateway.adapter import Payload
from stations.commands.billing import UpdateCost
from stations.commands.outcome import Outcome
from stations.models import CommandState


def encode(command: UpdateCost) -> Payload:
    """``transaction_id`` has been put in the place of our session's id by now."""
    return {"totalCost": float(command.total_cost), "transactionId": command.transaction_id}


def decode(payload: Payload) -> Outcome:
    """The answer says nothing but that the message came."""
    return Outcome(state=CommandState.ACCEPTED, status="Accepted")
