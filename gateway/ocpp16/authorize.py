"""Authorize (OCPP 1.6, section 4.1): may this token charge?"""

from gateway import operator_verdicts
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


def shown(payload: Payload) -> tuple[Token | None, int | None]:
    """The token, and no EVSE: the message doesn't say where it was shown."""
    return parse(payload), None


OPERATOR = operator_verdicts.lookup(shown)


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the token, and tell that it was shown."""
    token = operator_verdicts.vouched(parse(payload))
    return {"idTagInfo": fields.id_tag_info(id_tokens.authorize(station, token))}
