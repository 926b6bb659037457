"""Who is asked beside the station in a transcript: a responder of certificates, a pool of contracts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stations import x509_text
from stations.models import RootCertificate
from tests.certificate_tree import DAY, Holder, Responder, authority, issue
from tests.web_server import Asked, Told, serving

EMAID = "DE8AAA1A2B3C4D5"
# Of a contract that was given up: its certificate is still good.
CANCELLED = "DE8AAA9Z8Y7X6W5"
# What an EV sends that the pool knows.
KNOWN_EV = "gAAA"


@dataclass(frozen=True)
class Outside:
    """The world beside the gateway.

    Attributes:
        url: Of its servers, without a path.
        names: What transcripts may name: "$contract", a contract certificate in PEM; "$cancelled", "$expired"
            and "$revoked", others that were good once; "$asked", the OCSPRequestDataType that is about the
            first; "$asked_in_vain", the same of a responder that isn't there.
    """

    url: str
    root: Holder
    names: dict[str, Any]

    @property
    def settings(self) -> dict[str, str]:
        """Of a gateway that lives in it."""
        return {"EMOBI_OCSP_ALLOW_PRIVATE": "1", "EMOBI_EV_CERTIFICATE_URL": f"{self.url}/pool"}

    def trusted_by(self, network_id: int) -> None:
        """Have a network trust the root of the contracts."""
        RootCertificate.objects.create(
            network_id=network_id,
            use="MORootCertificate",
            pem=self.root.pem,
            fingerprint=x509_text.fingerprint(self.root.certificate),
        )


@contextmanager
def outside() -> Iterator[Outside]:
    """Serve it for a while."""
    root = authority("MO root")
    responder = Responder(root)

    def answer(asked: Asked) -> Told:
        return responder(asked) if asked.path == "/mo" else _pool(asked)

    with serving(answer) as server:
        url = f"{server.url}/mo"
        leaf = issue(EMAID, root, responder=url)
        cancelled = issue(CANCELLED, root, responder=url)
        expired = issue(EMAID, root, responder=url, starts=-2 * DAY, ends=-DAY)
        revoked = issue(EMAID, root, responder=url)
        responder.revoked.add(revoked.certificate.serial_number)
        named = x509_text.hash_of(leaf.certificate, root.certificate).payload | {"responderURL": url}
        unknown = named | {"responderURL": "http://127.0.0.1:1/"}
        names = {
            "contract": leaf.pem,
            "cancelled": cancelled.pem,
            "expired": expired.pem,
            "revoked": revoked.pem,
            "asked": named,
            "asked_in_vain": unknown,
        }
        yield Outside(server.url, root, names)


def _pool(asked: Asked) -> Told:
    if json.loads(asked.body)["exiRequest"] != KNOWN_EV:
        return Told(404)
    return Told(200, b'{"status": "Accepted", "exiResponse": "gBBB"}', "application/json")
