"""Certificates as text: PEM, and the hashes by which OCPP and OCSP name them. Pure.

Source: OCPP 2.0.1 part 2, sections 2.6 (CertificateHashDataType) and 2.36 (OCSPRequestDataType); RFC 6960,
section 4.1.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.ocsp import OCSPRequestBuilder

from emobi.core.errors import Invalid

LONGEST_SUBJECT = 500

ALGORITHMS: Mapping[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}


@dataclass(frozen=True, kw_only=True)
class CertificateHash:
    """Which certificate is meant: by its number, and by the name and key of who issued it.

    The texts are kept as the station spelt them, for it is to be sent the same (M04.FR.07); `same_as`
    compares what they mean.
    """

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """Translate CertificateHashDataType, or OCSPRequestDataType without its URL; the same in 1.6."""
        return cls(
            hash_algorithm=payload["hashAlgorithm"],
            issuer_name_hash=payload["issuerNameHash"],
            issuer_key_hash=payload["issuerKeyHash"],
            serial_number=payload["serialNumber"],
        )

    @property
    def payload(self) -> dict[str, str]:
        """As CertificateHashDataType."""
        return {
            "hashAlgorithm": self.hash_algorithm,
            "issuerNameHash": self.issuer_name_hash,
            "issuerKeyHash": self.issuer_key_hash,
            "serialNumber": self.serial_number,
        }

    def same_as(self, other: "CertificateHash") -> bool:
        """Whether both mean the same certificate, however their hexadecimal digits are spelt."""
        return self.key == other.key

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What two spellings of one certificate have in common."""
        name, key = self.issuer_name_hash.casefold(), self.issuer_key_hash.casefold()
        return self.hash_algorithm, name, key, canonical_serial(self.serial_number)


def canonical_serial(digits: str) -> str:
    """Hexadecimal digits without case, leading zeros, or a prefix that some stations put there."""
    return digits.casefold().removeprefix("0x").lstrip("0") or "0"


def certificate(pem: str, field: str = "") -> x509.Certificate:
    """The one certificate in ``pem``.

    Raises:
        Invalid: If there is none, more than one, or one that can't be read; ``field`` names where.
    """
    found = chain(pem, field)
    if len(found) != 1:
        raise Invalid(f"One certificate is expected; there are {len(found)}.", field)
    return found[0]


def chain(pem: str, field: str = "") -> list[x509.Certificate]:
    """All certificates in ``pem``, in their order.

    Raises:
        Invalid: If there is none, or one that can't be read.
    """
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        for each in found:
            each.public_key()  # one of a kind that nobody here can use isn't found out later
    except Exception as error:  # the parser raises whatever its depths raise, a PyO3 panic aside
        raise Invalid("This is no certificate in PEM.", field) from error
    return found


def pem(certificates: Sequence[x509.Certificate]) -> str:
    """A chain as text."""
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def subject(certificate: x509.Certificate) -> str:
    """Whom a certificate names, as RFC 4514 writes it; no more than is kept of it."""
    return certificate.subject.rfc4514_string()[:LONGEST_SUBJECT].replace("\0", "")


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def hash_of(
    certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256"
) -> CertificateHash:
    """The name of ``certificate``; a root is its own issuer."""
    asked = OCSPRequestBuilder().add_certificate(certificate, issuer, ALGORITHMS[algorithm]).build()
    return CertificateHash(
        hash_algorithm=algorithm,
        issuer_name_hash=asked.issuer_name_hash.hex(),
        issuer_key_hash=asked.issuer_key_hash.hex(),
        serial_number=f"{asked.serial_number:x}",
    )
