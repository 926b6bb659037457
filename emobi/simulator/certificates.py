"""The certificates a station holds, and the CSR for its own.

Source: OCPP 2.0.1 part 2, A02 and M03 to M05; the 1.6 security whitepaper has the same flows.
"""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.ocsp import OCSPRequestBuilder
from cryptography.x509.oid import NameOID

from emobi.simulator.frames import Payload


class CertificateStore:
    """Roots that were installed, by type, and the key of the station's own certificate."""

    def __init__(self) -> None:
        self._roots: list[tuple[str, x509.Certificate]] = []
        self._key: ec.EllipticCurvePrivateKey | None = None
        self.chain_pem: str | None = None

    def __len__(self) -> int:
        return len(self._roots)

    def install(self, certificate_type: str, pem: str) -> bool:
        """Keep a root; False if ``pem`` is no certificate."""
        if not is_certificate(pem):
            return False
        self._roots.append((certificate_type, x509.load_pem_x509_certificate(pem.encode())))
        return True

    def installed(self, types: set[str] | None) -> list[tuple[str, Payload]]:
        """(type, hash data) of what is installed; ``types`` None asks for all."""
        return [(kind, hash_data(root)) for kind, root in self._roots if types is None or kind in types]

    def delete(self, wanted: Payload) -> bool:
        kept = [(kind, root) for kind, root in self._roots if hash_data(root) != wanted]
        found = len(kept) < len(self._roots)
        self._roots = kept
        return found

    def request(self, serial_number: str, organization: str) -> str:
        """A new key and its CSR in PEM: CN is the serial number, O the operator (A00.FR.511)."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, serial_number),
            ]
        )
        csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(self._key, hashes.SHA256())
        return csr.public_bytes(serialization.Encoding.PEM).decode()

    def accept_signed(self, chain_pem: str) -> bool:
        """Keep the chain if its leaf is for the key of the last request."""
        try:
            leaf = x509.load_pem_x509_certificates(chain_pem.encode())[0]
        except ValueError:
            return False
        if self._key is None or leaf.public_key() != self._key.public_key():
            return False
        self.chain_pem = chain_pem
        return True


def is_certificate(pem: str) -> bool:
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return False
    return True


def hash_data(root: x509.Certificate) -> Payload:
    """CertificateHashDataType of a root, which issued itself: the hashes of an OCSP request (RFC 6960)."""
    asked = OCSPRequestBuilder().add_certificate(root, root, hashes.SHA256()).build()
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": asked.issuer_name_hash.hex(),
        "issuerKeyHash": asked.issuer_key_hash.hex(),
        "serialNumber": f"{asked.serial_number:x}",
    }
