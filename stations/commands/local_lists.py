"""Commands about the list of tokens that a station judges by itself."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from emobi.core.errors import Invalid
from stations.commands.entry import Entry
from stations.commands.fields import EvseId, IdTokenText, IdTokenType, Number
from stations.commands.tokens import (
    GROUP_TYPE,
    AdditionalInfo,
    AuthorizationWord,
    Language,
    PersonalMessage,
    check_group,
)


class UpdateType(StrEnum):
    """UpdateEnumType. Source: OCPP 2.0.1 part 2, section 3.85."""

    FULL = "Full"
    DIFFERENTIAL = "Differential"


@dataclass(frozen=True, kw_only=True)
class LocalListEntry:
    """A token, and what its station is to say of it; without ``status`` it is taken off the list."""

    id_token: IdTokenText
    id_token_type: IdTokenType = "ISO14443"
    additional_info: tuple[AdditionalInfo, ...] = ()
    status: AuthorizationWord | None = None
    expires_at: AwareDatetime | None = None
    group_id_token: IdTokenText | None = None
    group_id_token_type: IdTokenType = GROUP_TYPE
    group_additional_info: tuple[AdditionalInfo, ...] = ()
    evse_ids: tuple[EvseId, ...] = ()
    charging_priority: Annotated[int, Field(ge=-9, le=9)] | None = None
    language1: Language | None = None
    language2: Language | None = None
    personal_message: PersonalMessage | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others on a list."""
        return (self.id_token_type, self.id_token.casefold())

    @property
    def judged(self) -> bool:
        """Whether more is said of it than which token it is."""
        which = LocalListEntry(
            id_token=self.id_token, id_token_type=self.id_token_type, additional_info=self.additional_info
        )
        return self != which


@dataclass(frozen=True, kw_only=True)
class SendLocalList:
    """Replace a station's list, or change some of it.

    ``entries`` None: what the network's tokens make of it, as far as the version can say; for a differential
    update what has changed since the list that the station has. ``version`` is that of the list afterwards;
    None: the next. ``even_if_unsupported``: also of a station that said that it keeps no lists.
    """

    update_type: UpdateType = UpdateType.FULL
    version: Number | None = None
    entries: tuple[LocalListEntry, ...] | None = None
    even_if_unsupported: bool = False


@dataclass(frozen=True, kw_only=True)
class GetLocalListVersion:
    """Ask for the version of the list that the station has."""


def _whole_list(asked: SendLocalList) -> None:
    """Each token once (OCPP 2.0.1, D01.FR.06), each with what belongs together."""
    entries = asked.entries or ()
    often = Counter(entry.key for entry in entries)
    for index, entry in enumerate(entries):
        field = f"params.entries.{index}"
        if often[entry.key] > 1:
            raise Invalid("The same token is named twice.", field)
        if entry.status is None and asked.update_type == UpdateType.FULL:
            raise Invalid("A full list holds tokens with their status; what isn't named is gone.", field)
        if entry.status is None and entry.judged:
            raise Invalid(
                "Without its status a token is taken off the list: say no more of it.", f"{field}.status"
            )
        check_group(entry, field)
        if entry.language2 is not None and entry.language1 in (None, entry.language2):
            raise Invalid("A second language needs another one before it.", f"{field}.language2")


ENTRIES = (
    Entry(
        command="send_local_list",
        kind=SendLocalList,
        description="Give the station its list of tokens that it judges by itself, or change some of it.",
        example={
            "update_type": "Full",
            "version": 1,
            "entries": [{"id_token": "DEMO0001", "status": "Accepted"}],
        },
        effect="Whom the station lets charge while it can't ask.",
        check=_whole_list,
    ),
    Entry(
        command="get_local_list_version",
        kind=GetLocalListVersion,
        description="Ask for the version of the list that the station has.",
    ),
)
