"""SendLocalList (OCPP 2.0.1, use case D01): the list of tokens that a station judges by itself."""

from collections.abc import Sequence
from typing import Any

from emobi.core import clock
from gateway import list_parts
from gateway.adapter import Payload
from gateway.ocpp201 import fields, token_fields
from stations.commands.local_lists import LocalListEntry, SendLocalList
from stations.commands.outcome import Outcome
from stations.models import Station


def split(command: SendLocalList, station: Station) -> Sequence[SendLocalList]:
    """No more tokens in a message than the station takes (D01.FR.11)."""
    return list_parts.split(command, station, encode)


def encode(command: SendLocalList) -> Payload:
    """``version`` and ``entries`` are known by now; a full list without any is an empty one (D01.FR.04)."""
    payload: dict[str, Any] = {
        "versionNumber": command.version,
        "updateType": command.update_type.value,
    }
    if command.entries:
        payload["localAuthorizationList"] = [_authorization_data(entry) for entry in command.entries]
    return payload


def _authorization_data(entry: LocalListEntry) -> Payload:
    """AuthorizationData (section 2.4); without idTokenInfo the token is removed (D01.FR.17)."""
    named: dict[str, Any] = {
        "idToken": token_fields.id_token(entry.id_token, entry.id_token_type, entry.additional_info)
    }
    return named if entry.status is None else named | {"idTokenInfo": _id_token_info(entry)}


def _id_token_info(entry: LocalListEntry) -> Payload:
    said: dict[str, Any] = {
        "status": entry.status,
        "cacheExpiryDateTime": clock.iso(entry.expires_at),
        "chargingPriority": entry.charging_priority,
        "language1": entry.language1,
        "evseId": [*entry.evse_ids] or None,
        "language2": entry.language2,
    }
    if entry.group_id_token:
        said["groupIdToken"] = token_fields.id_token(
            entry.group_id_token, entry.group_id_token_type, entry.group_additional_info
        )
    if entry.personal_message:
        said["personalMessage"] = token_fields.message_content(entry.personal_message)
    return {name: value for name, value in said.items() if value is not None}


def decode(payload: Payload) -> Outcome:
    """Failed and VersionMismatch: the list is as it was."""
    return fields.outcome(payload)
