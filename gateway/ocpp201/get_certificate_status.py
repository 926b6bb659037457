"""GetCertificateStatus (OCPP 2.0.1, use case M06): a station asks whether a certificate was revoked."""

import base64
import logging
from dataclasses import dataclass

from django.conf import settings

from gateway import lookups
from gateway.adapter import Payload
from gateway.lookups import Asker, Lookup, on_thread
from stations import ocsp
from stations.models import Station
from stations.ocsp import NoStatus
from stations.x509_text import CertificateHash

log = logging.getLogger(__name__)

# ocspResult
LONGEST_RESULT = 5500


@dataclass(frozen=True, kw_only=True)
class CertificateStatus:
    """What the responder said, as it said it; or why there is nothing."""

    der: bytes = b""
    reason: str = ""


def ask(asker: Asker, payload: Payload) -> CertificateStatus:
    """Ask the responder; blocks."""
    asked = payload["ocspRequestData"]
    try:
        found = ocsp.ask(
            CertificateHash.read(asked), asked["responderURL"], timeout_s=settings.EMOBI_OCSP_TIMEOUT_S
        )
    except NoStatus as reason:
        log.info("station %d: no OCSP status: %s", asker.station_id, reason)
        return CertificateStatus(reason=str(reason))
    return CertificateStatus(der=found.der)


LOOKUP = Lookup(find=on_thread(ask), budget_s=lambda: settings.EMOBI_OCSP_TIMEOUT_S)


def handle(station: Station, payload: Payload) -> Payload:
    """Pass on what the certificate's OCSP responder says; it is asked again when its answer has ended."""
    found = lookups.found(CertificateStatus)
    result = base64.b64encode(found.der).decode() if found else ""
    if result and len(result) <= LONGEST_RESULT:
        return {"status": "Accepted", "ocspResult": result}
    reason = found.reason if found and found.reason else "no answer that could be passed on"
    return {"status": "Failed", "statusInfo": {"reasonCode": "NoOCSPStatus", "additionalInfo": reason[:512]}}
