"""Certificates to try TLS with: an authority of our own, the server's, and stations'.

For development and demonstrations; in production the certificates come from the operator's authority.

Source of the profiles: OCPP 1.6 security whitepaper edition 3 and OCPP 2.0.1 part 2, A00.FR.501-511.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from stations import issuing
from stations.issuing import ORGANISATION, Holder, PrivateKey
from stations.issuing import KeyPair as KeyPair

SERVER_LIFE = timedelta(days=820)  # 825 days is the most that some clients accept
CLIENT_LIFE = timedelta(days=365)
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
COMMON_NAME_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class DevelopmentCertificates:
    """What `ensure_development_certificates` found or made.

    Attributes:
        ca: The authority's certificate: what a station has to trust.
        ca_key: Issues the others.
        certificates: The server's, an ECDSA and an RSA one: a station knows the one or the other.
    """

    ca: Path
    ca_key: Path
    certificates: tuple[KeyPair, KeyPair]


def ensure_development_certificates(folder: Path, host_names: Sequence[str] = ()) -> DevelopmentCertificates:
    """Make the authority's and the server's certificates, or find those of an earlier run.

    A certificate that ends within 30 days is made anew, and so are the server's for other names, or after
    their authority. Processes that start together get the same.

    Args:
        host_names: Names and addresses under which stations reach us, the most important one first; those of
            this machine are always there.

    Raises:
        ValueError: If a file isn't what it should be: someone changed it.
    """
    names = list(dict.fromkeys([*host_names, *LOCAL_NAMES]))
    ca = issuing.authority_files(folder)
    ecdsa, rsa = (issuing.files(folder, name) for name in ("server-ecdsa", "server-rsa"))
    with issuing.locked(folder):
        authority = issuing.ensure_authority(folder)
        for pair, make_key in ((ecdsa, issuing.ec_key), (rsa, issuing.rsa_key)):
            if not _serves(issuing.load(pair), authority, names):
                key: PrivateKey = make_key()
                issuing.save(pair, Holder(_server_certificate(key, authority, names), key))
    return DevelopmentCertificates(ca=ca.certificate, ca_key=ca.key, certificates=(ecdsa, rsa))


def issue_client_certificate(
    certificates: DevelopmentCertificates,
    folder: Path,
    *,
    organisation: str,
    common_name: str,
    life: timedelta = CLIENT_LIFE,
) -> KeyPair:
    """Issue a station's certificate for security profile 3, in place of an earlier one of that name.

    Args:
        organisation: The operator's name, the subject's O.
        common_name: The station's serial number, the subject's CN.
        life: From now; negative for one that has ended already, less than a day ago.

    Raises:
        ValueError: If the authority is gone, or about to end: make it again first.
    """
    authority = issuing.load(KeyPair(certificates.ca, certificates.ca_key))
    if authority is None:
        raise ValueError(f"{certificates.ca} is missing or ends soon")
    key = issuing.ec_key()
    subject = issuing.subject(organisation, common_name)
    draft = issuing.builder(subject, key.public_key(), authority.certificate.subject, life)
    draft = issuing.as_leaf(draft, authority, ExtendedKeyUsageOID.CLIENT_AUTH)
    pair = issuing.files(folder, f"station-{quote(common_name, safe='')}")
    issuing.save(pair, Holder(draft.sign(authority.key, SHA256()), key))
    return pair


def _server_certificate(key: PrivateKey, authority: Holder, names: Sequence[str]) -> x509.Certificate:
    subject = issuing.subject(ORGANISATION, names[0][:COMMON_NAME_LENGTH])
    draft = issuing.builder(subject, key.public_key(), authority.certificate.subject, SERVER_LIFE)
    # The plain RSA suites of TLS 1.2 encrypt the session's key with the certificate's.
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    draft = issuing.as_leaf(draft, authority, ExtendedKeyUsageOID.SERVER_AUTH, key_encipherment=is_rsa)
    return draft.add_extension(_alternative_names(names), critical=False).sign(authority.key, SHA256())


def _serves(server: Holder | None, authority: Holder, names: Sequence[str]) -> bool:
    if server is None:
        return False
    try:
        server.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, InvalidSignature):
        return False
    present = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return present.value == _alternative_names(names)


def _alternative_names(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_alternative_name(name) for name in names])


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
