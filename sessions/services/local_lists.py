"""Local lists: what a station is to judge by itself, and our copy of what it has accepted.

A station that refuses a change is sent the whole list at once; one that refuses that, too, is the operator's.
Sources: OCPP 2.0.1 part 2, use cases D01 and D02; 1.6 sections 3.5.2 and 5.15.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from emobi.core import checks, clock
from emobi.core.errors import Conflict
from emobi.core.models import Role
from sessions import allowed_evses
from sessions.authorization import AuthorizationStatus
from sessions.models import IdToken, LocalList, TokenStatus
from sessions.services.id_tokens import NO_AUTHORIZATION
from stations.commands.local_lists import LocalListEntry, SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.commands.tokens import PersonalMessage
from stations.models import CommandState, Station, Variable
from stations.services.commanding import commands

# What a version can't tell in full isn't told at all: its function answers None.
type Told = Callable[[LocalListEntry], LocalListEntry | None]
type _Key = tuple[str, str]

# IdTokenType of 2.0.1 holds no more.
LONGEST = 36
NOT_SUPPORTED = "NotSupported"
RESENT_BY = "system:local_lists"

_ENTRIES = TypeAdapter(tuple[LocalListEntry, ...])


def complete(station: Station, asked: SendLocalList, told: Told) -> SendLocalList:
    """With its version, and with entries: where none are given, those that the network's tokens make.

    Raises:
        Conflict: If only what has changed is to be sent, and it isn't known since when; or if the tokens are
            more than the station says that it can hold.
    """
    copy = LocalList.objects.filter(station=station).first()
    # After the largest number that OCPP can say comes the smallest.
    version = asked.version or (copy.version if copy else 0) % checks.LARGEST + 1
    entries = asked.entries
    if entries is None:
        entries = tuple(_of_tokens(station, told))
        most = _most(station)
        if most is not None and len(entries) > most:
            raise Conflict(
                f"The network's {len(entries)} tokens are more than the {most} that its list holds."
            )
        if asked.update_type == UpdateType.DIFFERENTIAL:
            if copy is None or not copy.version or not copy.in_step:
                raise Conflict("It isn't known which list the station has: send it in full.")
            entries = tuple(_changes(_read(copy), entries))
    return dataclasses.replace(asked, version=version, entries=entries)


def answered(station: Station, asked: SendLocalList, outcome: Outcome) -> None:
    """Take over what the station has accepted; send all of it where it didn't take a change.

    ``version`` in the outcome's detail is that of the list that it has now, None if it took nothing.
    """
    assert asked.entries is not None
    copy = _copy(station)
    before = _read(copy)
    copy.changed_at = clock.now()
    wanted = _applied(before if asked.update_type == UpdateType.DIFFERENTIAL else (), asked.entries)
    copy.in_step = outcome.state == CommandState.ACCEPTED
    copy.version = outcome.detail["version"] or copy.version
    copy.supported = outcome.status != NOT_SUPPORTED
    if copy.in_step:
        copy.entries = _ENTRIES.dump_python(wanted, mode="json", exclude_defaults=True)
    copy.save()
    if not copy.in_step and copy.supported and asked.update_type == UpdateType.DIFFERENTIAL:
        _send_all(station, wanted if before else None)


def told_version(station: Station, version: int | None) -> None:
    """Note which list the station has; None: it keeps none. A version that there can't be is none of ours."""
    copy = _copy(station)
    copy.supported = version is not None
    copy.in_step = version == copy.version
    copy.version = checks.sane_integer(version, 0) or 0
    copy.changed_at = clock.now()
    copy.save()


def _most(station: Station) -> int | None:
    """How many tokens the station's list holds, if it has said so."""
    said = Variable.objects.filter(station=station, attribute="Actual")
    entries = said.filter(component__iexact="LocalAuthListCtrlr", variable__iexact="Entries").first()
    key = said.filter(key__iexact="LocalAuthListMaxLength").first()
    most = entries.characteristics.get("maxLimit") if entries else key.value if key else None
    try:
        return None if most is None else int(float(most))
    except (TypeError, ValueError, OverflowError):
        return None


def _copy(station: Station) -> LocalList:
    known = LocalList.objects.select_for_update().filter(station=station).first()
    return known or LocalList(station=station)


def _read(copy: LocalList) -> tuple[LocalListEntry, ...]:
    return _ENTRIES.validate_python(copy.entries)


def _send_all(station: Station, entries: Sequence[LocalListEntry] | None) -> None:
    params: dict[str, Any] = {"update_type": UpdateType.FULL.value}
    if entries is not None:
        params["entries"] = _ENTRIES.dump_python(tuple(entries), mode="json", exclude_defaults=True)
    commands.request(
        station.network, station, "send_local_list", params, requested_by=RESENT_BY, role=Role.OPERATOR
    )


def _of_tokens(station: Station, told: Told) -> Iterator[LocalListEntry]:
    """What the network's tokens make of a station's list, as far as it can be told.

    Not those that start nothing (master passes): a station that judges by itself might let them.
    """
    tokens = IdToken.objects.filter(network=station.network_id, master_pass=False).exclude(
        type=NO_AUTHORIZATION
    )
    for token in tokens.order_by("id").iterator():
        wanted = entry_of(station, token)
        entry = None if wanted is None else told(wanted)
        if entry is not None:
            yield entry


def entry_of(station: Station, token: IdToken) -> LocalListEntry | None:
    """What a token is in a station's list, before its version tells it; None: it isn't in there."""
    if token.master_pass or token.type == NO_AUTHORIZATION:
        return None
    evse_ids = allowed_evses.at(token.allowed_evses, station.identity)
    if evse_ids is None or max(len(token.id_token), len(token.group)) > LONGEST:
        return None
    return _entry(token, evse_ids)


def _entry(token: IdToken, evse_ids: tuple[int, ...]) -> LocalListEntry:
    accepted = token.status == TokenStatus.ACCEPTED
    message = token.personal_message
    return LocalListEntry(
        id_token=token.id_token,
        id_token_type=token.type,
        status=AuthorizationStatus.ACCEPTED if accepted else AuthorizationStatus.BLOCKED,
        expires_at=token.expires_at,
        group_id_token=token.group or None,
        evse_ids=evse_ids,
        charging_priority=token.charging_priority or None,
        language1=token.language1 or None,
        language2=token.language2 or None,
        personal_message=PersonalMessage(content=message) if message and accepted else None,
    )


def _by_key(entries: Iterable[LocalListEntry]) -> Mapping[_Key, LocalListEntry]:
    return {entry.key: entry for entry in entries}


def _changes(before: Sequence[LocalListEntry], after: Sequence[LocalListEntry]) -> Iterator[LocalListEntry]:
    """What makes one list the other."""
    known, wanted = _by_key(before), _by_key(after)
    for key, entry in wanted.items():
        if known.get(key) != entry:
            yield entry
    for key, entry in known.items():
        if key not in wanted:
            yield LocalListEntry(id_token=entry.id_token, id_token_type=entry.id_token_type)


def _applied(
    before: Sequence[LocalListEntry], changes: Sequence[LocalListEntry]
) -> tuple[LocalListEntry, ...]:
    """The list with the changes made to it."""
    changed = {**_by_key(before), **_by_key(changes)}
    return tuple(entry for entry in changed.values() if entry.status is not None)
