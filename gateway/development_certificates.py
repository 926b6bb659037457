"""Certificates to try TLS with: an authority of our own, the server's, and stations'.

For development and demonstrations; in production the certificates come from the operator's authority.

Source of the profiles: OCPP 1.6 security whitepaper edition 3 and OCPP 2.0.1 part 2, A00.FR.501-511.
"""

import fcntl
import ipaddress
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

type PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=820)  # 825 days is the most that some clients accept
CLIENT_LIFE = timedelta(days=365)
RENEWAL = timedelta(days=30)  # before the end
BACKDATED = timedelta(days=1)  # a station's clock may be behind ours
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
ORGANISATION = "Emobi development"
COMMON_NAME_LENGTH = 64


class KeyPair(NamedTuple):
    """PEM files: a certificate, and its key (mode 0600)."""

    certificate: Path
    key: Path


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


class _Holder(NamedTuple):
    certificate: x509.Certificate
    key: PrivateKey


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
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = list(dict.fromkeys([*host_names, *LOCAL_NAMES]))
    ca, ecdsa, rsa = (_files(folder, name) for name in ("ca", "server-ecdsa", "server-rsa"))
    with _locked(folder):
        authority = _load(ca) or _make_authority(ca)
        for pair, make_key in ((ecdsa, _ec_key), (rsa, _rsa_key)):
            if not _serves(_load(pair), authority, names):
                key = make_key()
                _save(pair, _Holder(_server_certificate(key, authority, names), key))
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
    authority = _load(KeyPair(certificates.ca, certificates.ca_key))
    if authority is None:
        raise ValueError(f"{certificates.ca} is missing or ends soon")
    key = _ec_key()
    builder = _builder(_subject(organisation, common_name), key, authority.certificate.subject, life)
    builder = _as_leaf(builder, authority, ExtendedKeyUsageOID.CLIENT_AUTH, key_encipherment=False)
    pair = _files(folder, f"station-{quote(common_name, safe='')}")
    _save(pair, _Holder(builder.sign(authority.key, SHA256()), key))
    return pair


def _make_authority(pair: KeyPair) -> _Holder:
    key = _rsa_key()  # a station that knows RSA alone has to verify its signature
    subject = _subject(ORGANISATION, "Emobi development authority")
    builder = (
        _builder(subject, key, subject, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    authority = _Holder(builder.sign(key, SHA256()), key)
    _save(pair, authority)
    return authority


def _server_certificate(key: PrivateKey, authority: _Holder, names: Sequence[str]) -> x509.Certificate:
    subject = _subject(ORGANISATION, names[0][:COMMON_NAME_LENGTH])
    builder = _builder(subject, key, authority.certificate.subject, SERVER_LIFE)
    # The plain RSA suites of TLS 1.2 encrypt the session's key with the certificate's.
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    builder = _as_leaf(builder, authority, ExtendedKeyUsageOID.SERVER_AUTH, key_encipherment=is_rsa)
    return builder.add_extension(_alternative_names(names), critical=False).sign(authority.key, SHA256())


def _serves(server: _Holder | None, authority: _Holder, names: Sequence[str]) -> bool:
    if server is None:
        return False
    try:
        server.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, InvalidSignature):
        return False
    present = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return present.value == _alternative_names(names)


def _subject(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _alternative_names(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_alternative_name(name) for name in names])


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, key: PrivateKey, issuer: x509.Name, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _as_leaf(
    builder: x509.CertificateBuilder,
    authority: _Holder,
    purpose: x509.ObjectIdentifier,
    *,
    key_encipherment: bool,
) -> x509.CertificateBuilder:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    usage = _usage(digital_signature=True, key_encipherment=key_encipherment)
    return (
        builder.add_extension(issuer, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )


def _usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_encipherment=key_encipherment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _files(folder: Path, name: str) -> KeyPair:
    return KeyPair(folder / f"{name}.pem", folder / f"{name}.key")


def _load(pair: KeyPair) -> _Holder | None:
    """None if there is none, or none that lasts."""
    if not (pair.certificate.exists() and pair.key.exists()):
        return None
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    key = load_pem_private_key(pair.key.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError(f"{pair.key}: neither an EC nor an RSA key")
    lasts = datetime.now(UTC) < certificate.not_valid_after_utc - RENEWAL
    # A crash between the two files leaves a certificate that isn't its key's.
    return _Holder(certificate, key) if lasts and certificate.public_key() == key.public_key() else None


def _save(pair: KeyPair, holder: _Holder) -> None:
    pair.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(pair.key, key, mode=0o600)
    _write(pair.certificate, holder.certificate.public_bytes(Encoding.PEM), mode=0o644)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """All of it or nothing: a crash leaves the old file, and nobody reads half of the new one."""
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
