"""Authorize (OCPP 2.0.1, use cases C01 to C07): may this token charge?"""

from django.conf import settings

from gateway import lookups, operator_verdicts
from gateway.adapter import Payload
from gateway.lookups import Asker, Lookup, on_thread
from gateway.ocpp201 import fields
from sessions.authorization import AuthorizationStatus
from sessions.reports import CertificateStatus, ContractReport, ContractVerdict, Token
from sessions.services import contract_certificates, id_tokens
from stations.models import Station
from stations.x509_text import CertificateHash

# A good certificate, but no token to charge with (C07.FR.13).
_CANCELLED = frozenset(
    {
        AuthorizationStatus.BLOCKED,
        AuthorizationStatus.EXPIRED,
        AuthorizationStatus.INVALID,
        AuthorizationStatus.UNKNOWN,
    }
)


def parse(payload: Payload) -> Token | None:
    """Translate AuthorizeRequest."""
    return fields.token(payload["idToken"])


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    id_tokens.expect(station, parse(payload))


def contract(payload: Payload) -> ContractReport | None:
    """What it says of a contract certificate; None where none is shown."""
    asked = payload.get("iso15118CertificateHashData", ())
    chain = payload.get("certificate", "")
    if not asked and not chain:
        return None
    hashes = tuple((CertificateHash.read(each), each["responderURL"]) for each in asked)
    return ContractReport(emaid=payload["idToken"]["idToken"], chain=chain, hashes=hashes)


def ask(asker: Asker, payload: Payload) -> ContractVerdict | None:
    """Have the contract certificate verified; blocks."""
    report = contract(payload)
    return contract_certificates.verify(asker.network_id, report) if report else None


CONTRACT = Lookup(
    find=on_thread(ask),
    budget_s=lambda: settings.EMOBI_OCSP_TIMEOUT_S + 1,  # OCSP, and the time to read the roots
    wanted=lambda payload: contract(payload) is not None,
)


def shown(payload: Payload) -> tuple[Token | None, int | None]:
    """The token, and no EVSE: the message doesn't say where it was shown."""
    return parse(payload), None


OPERATOR = operator_verdicts.lookup(shown)


def handle(station: Station, payload: Payload) -> Payload:
    """Judge the token, and tell that it was shown; with a contract certificate, judge that first."""
    token = operator_verdicts.vouched(parse(payload))
    if contract(payload) is None:
        return {"idTokenInfo": fields.id_token_info(id_tokens.authorize(station, token))}
    # What couldn't be verified in time isn't let in (C07.FR.17).
    verdict = lookups.found(ContractVerdict) or ContractVerdict(status=CertificateStatus.CHAIN_ERROR)
    if verdict.status != CertificateStatus.ACCEPTED:
        expired = verdict.status == CertificateStatus.EXPIRED
        status = AuthorizationStatus.EXPIRED if expired else AuthorizationStatus.INVALID
        authorization = id_tokens.refuse(station, token, status)
    else:
        authorization = id_tokens.authorize(station, token)
    certificate_status = verdict.status
    if certificate_status == CertificateStatus.ACCEPTED and authorization.status in _CANCELLED:
        certificate_status = CertificateStatus.CONTRACT_CANCELLED
    return {
        "idTokenInfo": fields.id_token_info(authorization),
        "certificateStatus": certificate_status.value,
    }
