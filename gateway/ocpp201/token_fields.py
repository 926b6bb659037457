"""IdTokenType and MessageContentType, as several requests of OCPP 2.0.1 name them."""

from collections.abc import Iterable
from typing import Any

from gateway.adapter import Payload
from stations.commands.tokens import AdditionalInfo, PersonalMessage


def id_token(text: str, kind: str, additional_info: Iterable[AdditionalInfo] = ()) -> Payload:
    """IdTokenType (section 2.28)."""
    named: dict[str, Any] = {"idToken": text, "type": kind}
    more = [{"additionalIdToken": info.additional_id_token, "type": info.type} for info in additional_info]
    return named | {"additionalInfo": more} if more else named


def message_content(message: PersonalMessage) -> Payload:
    """MessageContentType (section 2.30)."""
    said = {"format": message.format, "content": message.content}
    return said | {"language": message.language} if message.language else said
