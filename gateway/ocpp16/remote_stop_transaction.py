"""RemoteStopTransaction (OCPP 1.6, section 5.12): end a transaction."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStop


def encode(command: RemoteStop) -> Payload:
    try:
        return {"transactionId": int(command.transaction_id or "")}
    except ValueError:
        raise CommandUnsupported("OCPP 1.6 numbers its transactions") from None


def decode(payload: Payload) -> Outcome:
    """Accepted is a promise to try (errata 3.33)."""
    return fields.outcome(payload)
