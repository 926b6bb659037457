"""Whether a certificate was revoked: OCSP responders asked over HTTP, their answers checked and remembered.

Source: RFC 6960; OCPP 2.0.1 part 2, M06 and C07.FR.05. Responders' URLs come from certificates and stations:
they are asked like strangers (`emobi.core.outgoing_http`). Blocks; for threads that nobody waits for.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from django.conf import settings

from emobi.core import clock, outgoing_http
from emobi.core.outgoing_http import Unreachable
from stations import x509_text
from stations.x509_text import ALGORITHMS, CertificateHash

# Clocks differ.
SKEW = timedelta(minutes=5)
# Whatever a responder promises: a revocation is to be seen within a week (M06.FR.10).
LONGEST_KEPT = timedelta(days=7)
MOST_KEPT = 10_000
LARGEST_ANSWER = 16 << 10


class NoStatus(Exception):
    """The responder gave no answer that counts; the text says why."""


@dataclass(frozen=True, kw_only=True)
class OcspAnswer:
    """A responder's answer about one certificate, valid now.

    Attributes:
        der: The whole OCSPResponse.
        until: When it is to be asked again.
    """

    der: bytes
    status: ocsp.OCSPCertStatus
    until: datetime
    response: ocsp.OCSPResponse


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an OCSPResponse says of a certificate, whether that still counts or not.

    Attributes:
        about: The certificate.
        begins: When the responder knew it; ``ends``: when it knows what is newer, None: at any time.
        revoked_at: Since when, by the responder's clock, if it is.
    """

    about: CertificateHash
    status: ocsp.OCSPCertStatus
    begins: datetime
    ends: datetime | None
    revoked_at: datetime | None
    response: ocsp.OCSPResponse


def said(der: bytes) -> Said:
    """Read an OCSPResponse; its signature isn't looked at.

    Raises:
        NoStatus: If it can't be read, or is about none, or more than one.
    """
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NoStatus(f"the responder says {response.response_status.name}")
        (single,) = response.responses
        about = CertificateHash(
            hash_algorithm=single.hash_algorithm.name.upper(),
            issuer_name_hash=single.issuer_name_hash.hex(),
            issuer_key_hash=single.issuer_key_hash.hex(),
            serial_number=f"{single.serial_number:x}",
        )
        return Said(
            about=about,
            status=single.certificate_status,
            begins=single.this_update_utc,
            ends=single.next_update_utc,
            revoked_at=single.revocation_time_utc,
            response=response,
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NoStatus("the responder's answer can't be read") from error


def ask(named: CertificateHash, url: str, *, timeout_s: float) -> OcspAnswer:
    """The status of a certificate, from memory until its answer ends.

    The signature isn't looked at: whoever can judge it does (`is_signed_for`; a station its own answer).

    Raises:
        NoStatus: If the responder can't be asked, or what it says isn't about this certificate, or not now.
    """
    known = _kept.get(named, url)
    if known is not None:
        return known
    try:
        answer = outgoing_http.post(
            url,
            _request(named),
            {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"},
            timeout_s=timeout_s,
            public_only=not settings.EMOBI_OCSP_ALLOW_PRIVATE,
            largest=LARGEST_ANSWER,
        )
    except Unreachable as error:
        raise NoStatus(str(error)) from error
    if not answer.ok:
        raise NoStatus(f"the responder says {answer.status}")
    found = _read(answer.body, named, clock.wall())
    _kept.keep(named, url, found)
    return found


def is_signed_for(found: OcspAnswer, named: CertificateHash, known: Iterable[x509.Certificate]) -> bool:
    """Whether the answer is signed by the issuer of the certificate that it is about, or in its name.

    Args:
        found: The answer.
        named: The certificate.
        known: Certificates that may be the issuer's. The answer may bring it along: what its key hashes to
            can't be made up.
    """
    response = found.response
    brought = list(response.certificates)
    for issuer in [*known, *brought]:
        if not _is_issuer(issuer, named):
            continue
        if _is_signed_by(response, issuer):
            return True
        if any(_is_delegate(each, issuer) and _is_signed_by(response, each) for each in brought):
            return True
    return False


def responders(certificate: x509.Certificate) -> Sequence[str]:
    """The URLs of the responders that a certificate names."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ()
    return [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]


def _request(named: CertificateHash) -> bytes:
    try:
        return (
            ocsp.OCSPRequestBuilder()
            .add_certificate_by_hash(
                bytes.fromhex(named.issuer_name_hash),
                bytes.fromhex(named.issuer_key_hash),
                int(named.serial_number, 16),
                ALGORITHMS[named.hash_algorithm],
            )
            .build()
            .public_bytes(Encoding.DER)
        )
    except (ValueError, KeyError) as error:
        raise NoStatus("the hashes name no certificate") from error


def _read(der: bytes, named: CertificateHash, now: datetime) -> OcspAnswer:
    found = said(der)
    if not found.about.same_as(named):
        raise NoStatus("the responder answers about another certificate")
    if found.begins > now + SKEW or (found.ends is not None and found.ends < now - SKEW):
        raise NoStatus("the responder's answer isn't about now")
    # Without an end there is always something newer (RFC 6960, section 4.2.2.1).
    until = now if found.ends is None else min(found.ends, now + LONGEST_KEPT)
    return OcspAnswer(der=der, status=found.status, until=until, response=found.response)


def _is_issuer(candidate: x509.Certificate, named: CertificateHash) -> bool:
    """Whether its key is the issuer's; the name goes without saying then."""
    own = x509_text.hash_of(candidate, candidate, named.hash_algorithm)
    return own.issuer_key_hash == named.issuer_key_hash.casefold()


def _is_delegate(candidate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer lets it answer for it (RFC 6960, section 4.2.2.2)."""
    now = clock.wall()
    try:
        candidate.verify_directly_issued_by(issuer)
        usage = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasts = candidate.not_valid_before_utc - SKEW <= now <= candidate.not_valid_after_utc
    return lasts and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _is_signed_by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    try:
        match key:
            case rsa.RSAPublicKey() if algorithm is not None:
                key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey() if algorithm is not None:
                key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


class _Kept:
    """Answers that are still valid, the one used last at the end; of this process."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[object, ...], OcspAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, named: CertificateHash, url: str) -> OcspAnswer | None:
        with self._lock:
            found = self._answers.pop((url, named.key), None)
            if found is None or found.until <= clock.wall():
                return None
            self._answers[url, named.key] = found
            return found

    def keep(self, named: CertificateHash, url: str, answer: OcspAnswer) -> None:
        with self._lock:
            self._answers[url, named.key] = answer
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)


_kept = _Kept()
