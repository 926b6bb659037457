"""Authorize (OCPP 1.6, section 4.1): may this token charge?"""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from sessions.reports import Token
from sessions.services import id_tokens
from stations.models import Station


def parse(payload: Payload) -> Token | None:
    """Translate Authorize.req; None for a tag without text."""
    return fields.token(payload["idTag"])


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    id_tokens.expect(station, parse(payload))


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the token, and tell that it was shown."""
    return {"idTagInfo": fields.id_tag_info(id_tokens.authorize(station, parse(payload)))}
