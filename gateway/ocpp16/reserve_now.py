"""ReserveNow (OCPP 1.6, section 5.13): keep a connector for a token or its group."""

from typing import Any

from emobi.core import clock
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.outcome import Outcome
from stations.commands.reservations import Reserve


def encode(command: Reserve) -> Payload:
    """``reservation_id`` has been chosen by now. Connector 0 is any that is free."""
    if command.connector_type:
        raise CommandUnsupported("OCPP 1.6 can't reserve by the type of connector")
    if command.additional_info or command.group_additional_info:
        raise CommandUnsupported("OCPP 1.6 knows a token by its text alone")
    payload: dict[str, Any] = {
        "connectorId": command.evse_id or 0,
        "expiryDate": clock.iso(command.expires_at),
        "idTag": fields.id_tag(command.id_token),
        "reservationId": command.reservation_id,
    }
    if command.group_id_token:
        payload["parentIdTag"] = fields.id_tag(command.group_id_token)
    return payload


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
