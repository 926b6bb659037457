"""Get15118EVCertificate (OCPP 2.0.1, use cases M01 and M02): an EV asks for a contract certificate.

What it asks, and what it is answered, is EXI that only the EV and the pool of contract certificates read; the
form in which it is passed on is in docs/certificates.md.
"""

import logging
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from emobi.core import outgoing_http
from emobi.core.outgoing_http import Unreachable
from gateway import lookups
from gateway.adapter import Payload
from gateway.lookups import Asker, Lookup, on_thread
from stations.models import Station

log = logging.getLogger(__name__)

LONGEST_RESPONSE = 7500


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """What the pool answered, in base64; or why there is nothing."""

    exi_response: str = ""
    accepted: bool = False
    reason: str = ""


def ask(asker: Asker, payload: Payload) -> Provisioned:
    """Pass the request on to the pool of the settings; blocks."""
    said = {name: payload[name] for name in ("iso15118SchemaVersion", "action", "exiRequest")}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if settings.EMOBI_EV_CERTIFICATE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.EMOBI_EV_CERTIFICATE_TOKEN}"
    try:
        answer = outgoing_http.post(
            settings.EMOBI_EV_CERTIFICATE_URL,
            orjson.dumps(said),
            headers,
            timeout_s=settings.EMOBI_EV_CERTIFICATE_TIMEOUT_S,
            public_only=False,
        )
        found = orjson.loads(answer.body) if answer.ok else None
    except Unreachable as error:
        return _failed(asker, str(error))
    except orjson.JSONDecodeError:
        return _failed(asker, "the pool's answer isn't JSON")
    match found:
        case None:
            return _failed(asker, f"the pool says {answer.status}")
        case {"status": "Accepted" | "Failed" as status, "exiResponse": str(exi)} if (
            len(exi) <= LONGEST_RESPONSE
        ):
            return Provisioned(exi_response=exi, accepted=status == "Accepted")
    return _failed(asker, "the pool's answer has another form")


def _failed(asker: Asker, reason: str) -> Provisioned:
    log.warning("station %d: no contract certificate: %s", asker.station_id, reason)
    return Provisioned(reason=reason)


def _wanted(_payload: Payload) -> bool:
    return bool(settings.EMOBI_EV_CERTIFICATE_URL)


LOOKUP = Lookup(find=on_thread(ask), budget_s=lambda: settings.EMOBI_EV_CERTIFICATE_TIMEOUT_S, wanted=_wanted)


def handle(station: Station, payload: Payload) -> Payload:
    """Answer what the pool of contract certificates says; Failed where there is none, or none in time."""
    found = lookups.found(Provisioned)
    if found is None:
        found = Provisioned(reason="no answer in time" if _wanted(payload) else "no pool is set up")
    answer: dict[str, Any] = {
        "status": "Accepted" if found.accepted else "Failed",
        "exiResponse": found.exi_response,
    }
    if found.reason:
        answer["statusInfo"] = {"reasonCode": "NoContract", "additionalInfo": found.reason[:512]}
    return answer
