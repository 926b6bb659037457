"""ReserveNow (OCPP 2.0.1, use case H01): keep an EVSE for a token or its group."""

from typing import Any

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp201 import fields, token_fields
from stations.commands.outcome import Outcome
from stations.commands.reservations import Reserve


def encode(command: Reserve) -> Payload:
    """``reservation_id`` has been chosen by now. Without an EVSE any of the station's will do (H01.FR.18)."""
    payload: dict[str, Any] = {
        "id": command.reservation_id,
        "expiryDateTime": clock.iso(command.expires_at),
        "idToken": token_fields.id_token(
            command.id_token, command.id_token_type or "Central", command.additional_info
        ),
    }
    if command.evse_id:
        payload["evseId"] = command.evse_id
    if command.connector_type:
        payload["connectorType"] = command.connector_type
    if command.group_id_token:
        payload["groupIdToken"] = token_fields.id_token(
            command.group_id_token, command.group_id_token_type, command.group_additional_info
        )
    return payload


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
