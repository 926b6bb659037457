"""A certificate authority in two files, and what it issues. For development, and for small installations.

The profiles are those of OCPP 1.6's security whitepaper, edition 3, and OCPP 2.0.1 part 2, A00.FR.501-511.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from emobi.core import clock

type PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
type PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

AUTHORITY_LIFE = timedelta(days=3650)
RENEWAL = timedelta(days=30)  # before the end
BACKDATED = timedelta(days=1)  # a station's clock may be behind ours
ORGANISATION = "Emobi development"


class KeyPair(NamedTuple):
    """PEM files: a certificate, and its key (mode 0600)."""

    certificate: Path
    key: Path


class Holder(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey


def authority_files(folder: Path) -> KeyPair:
    """Where the authority of a folder is kept."""
    return files(folder, "ca")


def ensure_authority(folder: Path) -> Holder:
    """The authority of a folder; made where there is none that lasts. The caller holds the folder's lock."""
    pair = authority_files(folder)
    return load(pair) or _make_authority(pair)


def _make_authority(pair: KeyPair) -> Holder:
    key = rsa_key()  # a station that knows RSA alone has to verify its signature
    name = subject(ORGANISATION, "Emobi development authority")
    made = (
        builder(name, key.public_key(), name, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    authority = Holder(made.sign(key, SHA256()), key)
    save(pair, authority)
    return authority


def subject(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def builder(name: x509.Name, key: PublicKey, issuer: x509.Name, life: timedelta) -> x509.CertificateBuilder:
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def as_leaf(
    draft: x509.CertificateBuilder,
    authority: Holder,
    *purposes: x509.ObjectIdentifier,
    key_encipherment: bool = False,
    key_agreement: bool = False,
) -> x509.CertificateBuilder:
    """What a certificate that issues no others says of itself."""
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    usage = _usage(digital_signature=True, key_encipherment=key_encipherment, key_agreement=key_agreement)
    return (
        draft.add_extension(issuer, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    )


def _usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_agreement: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_encipherment=key_encipherment,
        key_agreement=key_agreement,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        data_encipherment=False,
        encipher_only=False,
        decipher_only=False,
    )


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Processes that start together get the same files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def files(folder: Path, name: str) -> KeyPair:
    return KeyPair(folder / f"{name}.pem", folder / f"{name}.key")


def load(pair: KeyPair) -> Holder | None:
    """None if there is none, or none that lasts.

    Raises:
        ValueError: If a file isn't what it should be: someone changed it.
    """
    if not (pair.certificate.exists() and pair.key.exists()):
        return None
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    key = load_pem_private_key(pair.key.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError(f"{pair.key}: neither an EC nor an RSA key")
    lasts = clock.now() < certificate.not_valid_after_utc - RENEWAL
    # A crash between the two files leaves a certificate that isn't its key's.
    return Holder(certificate, key) if lasts and certificate.public_key() == key.public_key() else None


def save(pair: KeyPair, holder: Holder) -> None:
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
