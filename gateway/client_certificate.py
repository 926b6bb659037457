"""The certificate with which a station of security profile 3 proves who it is.

Source: OCPP 1.6 security whitepaper edition 3 and OCPP 2.0.1 part 2, A00.FR.403-404 and A00.FR.511.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from stations import x509_text


@dataclass(frozen=True, kw_only=True)
class ClientCertificate:
    """What a station's certificate says of its holder; the chain was verified in the TLS handshake.

    Attributes:
        organisation: The subject's O, the operator that the station belongs to.
        common_name: The subject's CN, the station's serial number. Either is None where the subject has none,
            or several: one of several proves nothing.
        serial_number: The certificate's own number, in hexadecimal.
        not_after: End of its validity, UTC, by the authority's clock.
        chain: The verified chain in PEM, this certificate first.
        fingerprints: SHA-256 of each of them, in hexadecimal.
    """

    organisation: str | None
    common_name: str | None
    serial_number: str
    not_after: datetime
    chain: Sequence[str]
    fingerprints: Sequence[str]


def client_certificate(scope: Mapping[str, Any]) -> ClientCertificate | None:
    """Read the station's own certificate from an ASGI scope (extension ``tls``); None if it showed none.

    Raises:
        ValueError: If it isn't a certificate in PEM, or has a subject that can't be read.
    """
    chain = scope["extensions"].get("tls", {}).get("client_cert_chain")
    if not chain:
        return None
    certificate, *above = (x509.load_pem_x509_certificate(each.encode()) for each in chain)
    return ClientCertificate(
        organisation=_only(certificate.subject, NameOID.ORGANIZATION_NAME),
        common_name=_only(certificate.subject, NameOID.COMMON_NAME),
        serial_number=f"{certificate.serial_number:x}",
        not_after=certificate.not_valid_after_utc,
        chain=tuple(chain),
        fingerprints=[x509_text.fingerprint(each) for each in (certificate, *above)],
    )


def _only(subject: x509.Name, kind: x509.ObjectIdentifier) -> str | None:
    values = [attribute.value for attribute in subject.get_attributes_for_oid(kind)]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None
