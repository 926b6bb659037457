"""SendLocalList (OCPP 1.6, section 5.15): the list of tokens that a station judges by itself."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from emobi.core import clock
from gateway import list_parts
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.local_lists import LocalListEntry, SendLocalList
from stations.commands.outcome import Outcome
from stations.models import Station

# What 1.6 has no words for. Left out, some of it would let a driver charge who may not.
UNSAID = (
    "additional_info",
    "group_additional_info",
    "evse_ids",
    "charging_priority",
    "language1",
    "language2",
    "personal_message",
)


def split(command: SendLocalList, station: Station) -> Sequence[SendLocalList]:
    """No more tokens in a message than the station takes (SendLocalListMaxLength, section 9.2.3)."""
    entries = None if command.entries is None else _by_tag(command.entries)
    return list_parts.split(dataclasses.replace(command, entries=entries), station, encode)


def _by_tag(entries: Sequence[LocalListEntry]) -> tuple[LocalListEntry, ...]:
    """Each tag once: 1.6 has no types, so that a token which changed its own isn't taken off, too.

    Raises:
        CommandUnsupported: If tokens that differ by their type alone are both to be on the list.
    """
    by_tag: dict[str, LocalListEntry] = {}
    for entry in entries:
        other = by_tag.get(entry.id_token.casefold())
        if other is not None and other.status is not None and entry.status is not None:
            raise CommandUnsupported(
                f"OCPP 1.6 knows tokens without their type: {entry.id_token} is on the list twice"
            )
        if other is None or other.status is None:
            by_tag[entry.id_token.casefold()] = entry
    return tuple(by_tag.values())


def encode(command: SendLocalList) -> Payload:
    """``version`` and ``entries`` are known by now; a full list without any is an empty one."""
    payload: dict[str, Any] = {"listVersion": command.version, "updateType": command.update_type.value}
    if command.entries:
        payload["localAuthorizationList"] = [_authorization_data(entry) for entry in command.entries]
    return payload


def _authorization_data(entry: LocalListEntry) -> Payload:
    """AuthorizationData (section 7.1); without idTagInfo the tag is removed."""
    unsaid = [name for name in UNSAID if getattr(entry, name)]
    if unsaid:
        raise CommandUnsupported(f"OCPP 1.6 can't say {', '.join(unsaid)} of a token")
    named: dict[str, Any] = {"idTag": fields.id_tag(entry.id_token)}
    if entry.status is None:
        return named
    info: dict[str, Any] = {"status": entry.status}
    if entry.expires_at:
        info["expiryDate"] = clock.iso(entry.expires_at)
    if entry.group_id_token:
        info["parentIdTag"] = fields.id_tag(entry.group_id_token)
    return named | {"idTagInfo": info}


def told(entry: LocalListEntry) -> LocalListEntry | None:
    """A token of the network as far as 1.6 can tell it; None for one that this would make another."""
    longest = max(len(entry.id_token), len(entry.group_id_token or ""))
    if entry.evse_ids or longest > fields.LONGEST_ID_TAG:
        return None
    return dataclasses.replace(
        entry, charging_priority=None, language1=None, language2=None, personal_message=None
    )


def decode(payload: Payload) -> Outcome:
    """Failed and VersionMismatch: the list is as it was. NotSupported: the station keeps none."""
    return fields.outcome(payload)
