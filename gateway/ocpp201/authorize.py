"""Authorize (OCPP 2.0.1, use cases C01 to C07): may this token charge?"""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from sessions.reports import Token
from sessions.services import id_tokens
from stations.models import Station


def parse(payload: Payload) -> Token | None:
    """Translate AuthorizeRequest."""
    return fields.token(payload["idToken"])


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    id_tokens.expect(station, parse(payload))


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the token, and tell that it was shown."""
    token = parse(payload)
    if "certificate" in payload or "iso15118CertificateHashData" in payload:
        # Contract certificates can't be verified yet, and what can't be verified isn't let in (C07.FR.17).
        authorization = id_tokens.refuse(station, token)
        return {"idTokenInfo": fields.id_token_info(authorization), "certificateStatus": "CertChainError"}
    return {"idTokenInfo": fields.id_token_info(id_tokens.authorize(station, token))}
