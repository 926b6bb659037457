"""RemoteStartTransaction (OCPP 1.6, section 5.11): start charging for a token.

1.6 has no number that ties the transaction to the request; it is known by its token and connector.
"""

from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import charging_profiles, fields
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStart


def encode(command: RemoteStart) -> Payload:
    if command.group_id_token or command.additional_info or command.group_additional_info:
        raise CommandUnsupported("OCPP 1.6 starts for a token, and can't say more of it")
    payload: dict[str, Any] = {"idTag": fields.id_tag(command.id_token)}
    connector_number = fields.connector_number(command.evse_id, command.connector_id)
    if connector_number:
        payload["connectorId"] = connector_number
    if command.charging_profile is not None:
        payload["chargingProfile"] = charging_profiles.encode(command.charging_profile)
    return payload


def decode(payload: Payload) -> Outcome:
    """Accepted is a promise to try (errata 3.32)."""
    return fields.outcome(payload)
