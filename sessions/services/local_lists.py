"""Local lists: what a station is to judge by itself, and our copy of what it has accepted.

A station that refuses a change is sent the whole list at once; one that refuses that, too, is the operator's.
For one that took a part of a list there is `unfinished_lists`. One that keeps none isn't asked again while
its firmware is the same.
Sources: OCPP 2.0.1 part 2, use cases D01 and D02; 1.6 sections 3.5.2 and 5.15.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from emobi.core import checks, clock
from emobi.core.errors import Conflict, Refused
from emobi.core.models import Role
from sessions import allowed_evses, list_entries
from sessions.authorization import AuthorizationStatus
from sessions.models import IdToken, LocalList, TokenStatus
from sessions.services import unfinished_lists
from sessions.services.id_tokens import NO_AUTHORIZATION
from stations import stated_limits
from stations.commands.local_lists import LocalListEntry, SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.commands.tokens import PersonalMessage
from stations.models import CommandState, Station, Variable
from stations.services.commanding import commands

log = logging.getLogger(__name__)

# What a version can't tell in full isn't told at all: its function answers None.
type Told = Callable[[LocalListEntry], LocalListEntry | None]

# IdTokenType of 2.0.1 holds no more.
LONGEST = 36
NOT_SUPPORTED = "NotSupported"
RESENT_BY = unfinished_lists.RESENT_BY


def complete(station: Station, asked: SendLocalList, told: Told) -> SendLocalList:
    """With its version, and with entries: where none are given, those that the network's tokens make.

    Raises:
        Conflict: If the station said that it keeps no lists; if a change has a version that it would refuse;
            if only what has changed is to be sent, and it isn't known since when; or if the tokens are more
            than the station says that it can hold.
    """
    copy = LocalList.objects.filter(station=station).first()
    # After the largest number that OCPP can say comes the smallest.
    version = asked.version or (copy.version if copy else 0) % checks.LARGEST + 1
    if copy is not None and copy.is_refused_by(station) and not asked.even_if_unsupported:
        raise Conflict("The station says that it keeps no lists; even_if_unsupported asks it nevertheless.")
    change = asked.update_type == UpdateType.DIFFERENTIAL
    if change and copy is not None and copy.unfinished is not None:
        raise Conflict("The station has only a part of its list: send it in full.")
    if change and copy is not None and version <= copy.version:
        raise Conflict(
            f"A differential update needs a version above {copy.version}, which the station has (D01.FR.19)."
        )
    entries = asked.entries
    if entries is None:
        entries = tuple(_of_tokens(station, told))
        most = _most(station)
        if most is not None and len(entries) > most:
            raise Conflict(
                f"The network's {len(entries)} tokens are more than the {most} that its list holds."
            )
        if change:
            if copy is None or not copy.version or not copy.in_step:
                raise Conflict("It isn't known which list the station has: send it in full.")
            entries = tuple(list_entries.changes(list_entries.read(copy.entries), entries))
    return dataclasses.replace(asked, version=version, entries=entries)


def partly_answered(station: Station, asked: SendLocalList, so_far: Outcome) -> None:
    """Note that the station has a part of what it is being told; the next one is on its way."""
    copy = _copy(station)
    if so_far.detail["version"] == asked.version:
        unfinished_lists.begun(copy, _wanted(copy, asked))
    copy.version = so_far.detail["version"] or copy.version
    copy.changed_at = clock.now()
    copy.save()


def answered(station: Station, asked: SendLocalList, outcome: Outcome) -> None:
    """Take over what the station has accepted; send all of it where it didn't take a change, or the rest.

    ``version`` in the outcome's detail is that of the list that it has now, None if it took nothing.
    """
    copy = _copy(station)
    wanted = _wanted(copy, asked)
    accepted = outcome.state == CommandState.ACCEPTED
    copy.changed_at = clock.now()
    # A change to a list that isn't known makes none that is.
    copy.in_step = accepted and (asked.update_type == UpdateType.FULL or _is_known(copy))
    copy.version = outcome.detail["version"] or copy.version
    _note_support(copy, station, outcome.status != NOT_SUPPORTED)
    if accepted:
        copy.entries = list_entries.dumped(wanted if wanted is not None else asked.entries or ())
        unfinished_lists.ended(copy)
    elif copy.supported and copy.unfinished is not None:
        unfinished_lists.send_again(copy)
    elif copy.supported and asked.update_type == UpdateType.DIFFERENTIAL:
        _send_all(station, wanted)
    copy.save()


def not_known(station: Station) -> None:
    """The station has no such message: it keeps no lists."""
    copy = _copy(station)
    copy.changed_at = clock.now()
    _note_support(copy, station, False)
    copy.save()


def told_version(station: Station, version: int | None) -> None:
    """Note which list the station has; None: it keeps none. A version that there can't be is none of ours.

    0 is the empty list (1.6, section 5.10; 2.0.1, D02.FR.02), whatever the station had before; but in 2.0.1
    also a list that isn't in use, whatever it holds (D02.FR.03).
    """
    copy = _copy(station)
    _note_support(copy, station, version is not None)
    if version == 0 and not _may_be_out_of_use(station):
        copy.in_step, copy.entries = copy.unfinished is None, []
    else:
        copy.in_step = copy.in_step and version == copy.version
    copy.version = checks.sane_integer(version, 0) or 0
    copy.changed_at = clock.now()
    copy.save()


def _may_be_out_of_use(station: Station) -> bool:
    said = Variable.objects.filter(station=station, attribute="Actual").filter(
        Q(key__iexact="LocalAuthListEnabled")
        | Q(component__iexact="LocalAuthListCtrlr", variable__iexact="Enabled")
    )
    enabled = {str(value).casefold() for value in said.values_list("value", flat=True)}
    return "false" in enabled or (station.ocpp_version != "1.6" and "true" not in enabled)


def _most(station: Station) -> int | None:
    """How many tokens the station's list holds, if it has said so."""
    return stated_limits.most(station, "LocalAuthListCtrlr", "Entries", key="LocalAuthListMaxLength")


def _copy(station: Station) -> LocalList:
    known = LocalList.objects.select_for_update().filter(station=station).first()
    if known is None:
        return LocalList(station=station, in_step=False)
    known.station = station
    return known


def _note_support(copy: LocalList, station: Station, supported: bool) -> None:
    """Whether it keeps lists; that it doesn't holds for the firmware that says so."""
    copy.supported = supported
    copy.refusing_firmware = "" if supported else station.firmware_version
    if not supported:
        unfinished_lists.ended(copy)


def _wanted(copy: LocalList, asked: SendLocalList) -> tuple[LocalListEntry, ...] | None:
    """The whole list as it is to be afterwards; None: a change to a list that nobody knows."""
    assert asked.entries is not None
    if asked.update_type == UpdateType.FULL:
        return list_entries.applied((), asked.entries)
    before = list_entries.read(copy.entries)
    return list_entries.applied(before, asked.entries) if before or _is_known(copy) else None


def _is_known(copy: LocalList) -> bool:
    """Whether the station had what the copy holds, be it nothing, before what it is being told."""
    return copy.in_step or copy.unfinished is not None


def _send_all(station: Station, entries: Sequence[LocalListEntry] | None) -> None:
    params: dict[str, Any] = {"update_type": UpdateType.FULL.value}
    if entries is not None:
        params["entries"] = list_entries.dumped(entries)
    try:
        commands.request(
            station.network,
            station,
            "send_local_list",
            params,
            requested_by=RESENT_BY,
            role=Role.OPERATOR,
        )
    except Refused as reason:
        # Its answer counts all the same; it has been shut out since it was asked, or is asked too much.
        log.warning("%s isn't sent its local list: %s", station.identity, reason)


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
