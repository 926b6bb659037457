"""What commands say of id tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field

from emobi.core.errors import Invalid
from stations.commands.fields import IdTokenText, IdTokenType

# AuthorizationStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.3.
AuthorizationWord = Annotated[
    str,
    Field(
        pattern="^(Accepted|Blocked|ConcurrentTx|Expired|Invalid|NoCredit|NotAllowedTypeEVSE"
        "|NotAtThisLocation|NotAtThisTime|Unknown)$"
    ),
]
# A language code of RFC 5646.
Language = Annotated[str, Field(min_length=1, max_length=8)]
# MessageFormatEnumType. Source: OCPP 2.0.1 part 2, section 3.51.
MessageFormat = Annotated[str, Field(pattern="^(ASCII|HTML|URI|UTF8)$")]


@dataclass(frozen=True, kw_only=True)
class AdditionalInfo:
    """AdditionalInfoType: another identifier of the same token, of a kind that both sides have agreed on."""

    additional_id_token: IdTokenText
    type: Annotated[str, Field(min_length=1, max_length=50)]


@dataclass(frozen=True, kw_only=True)
class PersonalMessage:
    """MessageContentType: what the driver is shown."""

    content: Annotated[str, Field(min_length=1, max_length=512)]
    format: MessageFormat = "UTF8"
    language: Language | None = None


# What a group's name is of, where nobody says.
GROUP_TYPE: IdTokenType = "Central"


class OfGroup(Protocol):
    """What may name the group of a token."""

    @property
    def group_id_token(self) -> str | None: ...
    @property
    def group_id_token_type(self) -> str: ...
    @property
    def group_additional_info(self) -> Sequence[AdditionalInfo]: ...


def check_group(asked: OfGroup, field: str = "params") -> None:
    """What is said of a group belongs to one that is named.

    Raises:
        Invalid: If none is.
    """
    said = asked.group_id_token_type != GROUP_TYPE or asked.group_additional_info
    if said and asked.group_id_token is None:
        raise Invalid("What is said of a group needs its name.", f"{field}.group_id_token")
