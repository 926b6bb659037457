"""GetTransactionStatus (OCPP 2.0.1, use case E14): does a transaction go on, and is all of it here?"""

from gateway.adapter import Payload
from stations.commands.billing import GetSessionStatus
from stations.commands.outcome import Outcome
from stations.models import CommandState


def encode(command: GetSessionStatus) -> Payload:
    """``transaction_id`` has been put in the place of our session's id by now."""
    return {"transactionId": command.transaction_id} if command.transaction_id else {}


def decode(payload: Payload) -> Outcome:
    """``ongoing`` is None where no transaction was named (E14.FR.06).

    A transaction that the station knows nothing of has ended with nothing left to say (E14.FR.01).
    """
    return Outcome(
        state=CommandState.ACCEPTED,
        status="Accepted",
        detail={
            "ongoing": payload.get("ongoingIndicator"),
            "messages_in_queue": payload["messagesInQueue"],
        },
    )
