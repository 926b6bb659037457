"""RequestStartTransaction (OCPP 2.0.1, use cases F01 and F02): start charging for a token."""

from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import charging_profiles, fields, token_fields
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStart


def encode(command: RemoteStart) -> Payload:
    """``remote_start_id`` has been chosen by now."""
    # An EVSE's first connector stands for the EVSE: where 1.6 is meant too, there is no other way to say it.
    if command.connector_id and (not command.evse_id or command.connector_id > 1):
        raise CommandUnsupported("OCPP 2.0.1 starts on an EVSE, and can't name one of its connectors")
    payload: dict[str, Any] = {
        "idToken": token_fields.id_token(command.id_token, command.id_token_type, command.additional_info),
        "remoteStartId": command.remote_start_id,
    }
    if command.evse_id:
        payload["evseId"] = command.evse_id
    if command.group_id_token:
        payload["groupIdToken"] = token_fields.id_token(
            command.group_id_token, command.group_id_token_type, command.group_additional_info
        )
    if command.charging_profile is not None:
        payload["chargingProfile"] = charging_profiles.encode(command.charging_profile)
    return payload


def decode(payload: Payload) -> Outcome:
    """Accepted is a promise to try. A transaction that waits for a token is named (F01.FR.13)."""
    return fields.outcome(payload, transaction_id=payload.get("transactionId"))
