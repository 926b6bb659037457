"""What commands say of id tokens."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from stations.commands.fields import IdTokenText

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
