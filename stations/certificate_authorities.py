"""Who signs stations' keys: an authority that is asked over HTTP, or one in files.

Only for the worker: it asks others, and reads a private key. One interface, `sign`; the settings choose.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from emobi.core import outgoing_http
from emobi.core.errors import Invalid
from emobi.core.outgoing_http import Unreachable
from stations import issuing, x509_text
from stations.issuing import Holder

TIMEOUT_S = 30.0
LONGEST_REASON = 300


class Refused(Exception):
    """The authority won't sign this, now or later; the text says why."""


class Unavailable(Exception):
    """The authority can't be asked now; later it may sign."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A request to sign, checked before.

    Attributes:
        use: ChargingStationCertificate or V2GCertificate.
        combined: One certificate is to serve for both.
        common_name, organization: That the certificate is to name.
    """

    network: str
    station: str
    use: str
    combined: bool
    csr: str
    common_name: str
    organization: str


def sign(order: Order) -> str:
    """The chain in PEM: the certificate for the request's key first, no root.

    Raises:
        Refused: If it won't be signed.
        Unavailable: If it is to be tried again later.
    """
    signed = _sign_remotely(order) if settings.EMOBI_CA_URL else _sign_here(order)
    try:
        chain = x509_text.chain(signed)
    except Invalid as error:
        raise Unavailable("The authority's answer is no chain in PEM.") from error
    wanted = x509.load_pem_x509_csr(order.csr.encode()).public_key()
    if _encoded(chain[0]) != wanted.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise Refused("The authority's certificate is for another key.")
    return x509_text.pem([each for each in chain if each is chain[0] or each.issuer != each.subject])


def _encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _sign_remotely(order: Order) -> str:
    """Ask the authority of the settings; the form is in docs/certificates.md."""
    headers = {
        "Content-Type": "application/pkcs10",
        "Accept": "application/pem-certificate-chain",
        "Emobi-Network": order.network,
        "Emobi-Station": order.station.encode().decode("latin-1"),
        "Emobi-Certificate-Type": "CombinedCertificate" if order.combined else order.use,
    }
    if settings.EMOBI_CA_TOKEN:
        headers["Authorization"] = f"Bearer {settings.EMOBI_CA_TOKEN}"
    try:
        answer = outgoing_http.post(
            settings.EMOBI_CA_URL, order.csr.encode(), headers, timeout_s=TIMEOUT_S, public_only=False
        )
    except Unreachable as error:
        raise Unavailable(str(error)) from error
    said = answer.body.decode(errors="replace")
    if answer.ok:
        return said
    # Who it is that asks, and how often, is no fault of the request's.
    if 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 408, 425, 429):
        raise Refused(f"The authority says {answer.status}: {said[:LONGEST_REASON]}")
    raise Unavailable(f"The authority says {answer.status}.")


def _sign_here(order: Order) -> str:
    authority, further = _authority()
    request = x509.load_pem_x509_csr(order.csr.encode())
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise Refused("Its key is neither RSA nor EC.")
    draft = issuing.builder(
        issuing.subject(order.organization, order.common_name),
        key,
        authority.certificate.subject,
        timedelta(days=settings.EMOBI_CERTIFICATE_DAYS),
    )
    # Towards an EV the station is the server.
    is_client = order.combined or order.use == "ChargingStationCertificate"
    is_server = order.combined or order.use == "V2GCertificate"
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH] * is_client + [ExtendedKeyUsageOID.SERVER_AUTH] * is_server
    draft = issuing.as_leaf(draft, authority, *purposes, key_agreement=is_server)
    return x509_text.pem([draft.sign(authority.key, SHA256()), *further])


def _authority() -> tuple[Holder, list[x509.Certificate]]:
    """The authority in files, and the certificates between it and its root."""
    if not settings.EMOBI_CA_CERTIFICATE:
        folder = settings.EMOBI_DATA_DIR / "tls"
        with issuing.locked(folder):
            return issuing.ensure_authority(folder), []
    try:
        chain = x509.load_pem_x509_certificates(Path(settings.EMOBI_CA_CERTIFICATE).read_bytes())
        key = load_pem_private_key(Path(settings.EMOBI_CA_KEY).read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unavailable(
            "EMOBI_CA_CERTIFICATE or EMOBI_CA_KEY can't be read; see the worker's log."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise Unavailable("EMOBI_CA_KEY is neither an EC nor an RSA key.")
    if chain[0].public_key() != key.public_key():
        raise Unavailable("EMOBI_CA_KEY isn't the key of EMOBI_CA_CERTIFICATE.")
    return Holder(chain[0], key), chain
