"""RemoteStartTransaction (OCPP 1.6, section 5.11): start charging for a token.

1.6 has no number that ties the transaction to the request; it is known by its token and connector.
"""

from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStart


def encode(command: RemoteStart) -> Payload:
    if len(command.id_token) > fields.LONGEST_ID_TAG:
        raise CommandUnsupported(f"OCPP 1.6 knows tokens of up to {fields.LONGEST_ID_TAG} characters")
    payload: dict[str, Any] = {"idTag": command.id_token}
    connector_number = fields.connector_number(command.evse_id, command.connector_id)
    if connector_number:
        payload["connectorId"] = connector_number
    return payload


def decode(payload: Payload) -> Outcome:
    """Accepted is a promise to try (errata 3.32)."""
    return fields.outcome(payload)
