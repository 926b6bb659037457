"""Which certificate signing requests may be signed. Pure.

Source: OCPP 1.6 security whitepaper edition 3 and OCPP 2.0.1 part 2, A00.FR.501-511 and A02; RFC 2986. A V2G
certificate names the EVSE's own identity in its subject (ISO 15118-2, annex F), so that only its key is
judged here: the authority knows the rest.
"""

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

SHORTEST_RSA_BITS = 2048
SHORTEST_EC_BITS = 224


class Unsuitable(Exception):
    """Not to be signed; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request asks for.

    Attributes:
        digest: SHA-256 of the public key: the same key asked for again is the same request.
        common_name, organization: Of the subject; "" where there is none.
        key_type: Such as "EC secp256r1" or "RSA 2048".
    """

    digest: str
    common_name: str
    organization: str
    key_type: str


def read(csr: str) -> Wanted:
    """Read a request in PEM whose key is strong enough, and was there to sign it.

    Raises:
        Unsuitable: If it can't be read, or its key or its signature are no good.
    """
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        is_signed = request.is_signature_valid
        subject = request.subject
    except Exception as error:  # the parser raises whatever its depths raise
        raise Unsuitable("It can't be read.") from error
    wanted = _wanted(key, subject)
    if not wanted.key_type:
        raise Unsuitable("Its key is neither RSA with 2048 bits nor EC with 224 (A00.FR.501).")
    if not is_signed:
        raise Unsuitable("Its signature isn't its key's.")
    return wanted


def of_certificate(certificate: x509.Certificate) -> Wanted:
    """What a request for this certificate would have asked for."""
    return _wanted(certificate.public_key(), certificate.subject)


def check_station(wanted: Wanted, *, serial_number: str, operator: str) -> None:
    """Whether it asks for the certificate of the station with this serial number (A00.FR.511).

    Raises:
        Unsuitable: If it names somebody else.
    """
    if not serial_number:
        raise Unsuitable("The station's serial number isn't known yet, so that its CN can't be checked.")
    if wanted.common_name != serial_number:
        raise Unsuitable(f"Its CN must be the serial number {serial_number}; it is {wanted.common_name!r}.")
    if wanted.organization.casefold() != operator.casefold():
        raise Unsuitable(f"Its O must be {operator}; it is {wanted.organization!r}.")


def check_v2g(wanted: Wanted) -> None:
    """Whether it can become a V2G certificate.

    Raises:
        Unsuitable: If not.
    """
    if not wanted.common_name:
        raise Unsuitable("Its subject has no CN.")


def _wanted(key: PublicKeyTypes, subject: x509.Name) -> Wanted:
    """``key_type`` is empty for a key that isn't strong enough."""
    key_type = ""
    match key:
        case rsa.RSAPublicKey() if key.key_size >= SHORTEST_RSA_BITS:
            key_type = f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey() if key.curve.key_size >= SHORTEST_EC_BITS:
            key_type = f"EC {key.curve.name}"
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Wanted(
        digest=hashlib.sha256(encoded).hexdigest(),
        common_name=_only(subject, NameOID.COMMON_NAME),
        organization=_only(subject, NameOID.ORGANIZATION_NAME),
        key_type=key_type,
    )


def _only(subject: x509.Name, kind: x509.ObjectIdentifier) -> str:
    """One of several proves nothing."""
    values = [attribute.value for attribute in subject.get_attributes_for_oid(kind)]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""
