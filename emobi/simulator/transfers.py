"""Files over HTTP: firmware that a station fetches, logs that it leaves.

Files of hosts that exist by example alone (RFC 2606), and over protocols other than HTTP, aren't really
moved: they arrive, and their signatures are good. A host under ".invalid" can't be reached; a scheme that
isn't FTP, HTTP or SFTP isn't spoken.
"""

import asyncio
import base64
import binascii
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

logger = logging.getLogger(__name__)

SCHEMES = ("ftp", "ftps", "http", "https", "sftp")
EXAMPLES = ("example", "example.com", "example.net", "example.org", "test")
CHUNK = 1 << 16
SILENCE_S = 30.0

_opener = build_opener(ProxyHandler({}))


class Failed(Exception):
    """The file didn't arrive."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that arrived; ``sha256`` None: as if."""

    sha256: bytes | None


async def fetch(location: str) -> Fetched:
    """Fetch a file. Raises Failed."""
    if not _is_real(location):
        return Fetched(None)
    return Fetched(await _in_a_thread(location, lambda: _download(location)))


async def leave(location: str, filename: str, content: bytes) -> None:
    """Leave a file at a location, or in it if it is a folder. Raises Failed."""
    if _is_real(location):
        url = location + quote(filename) if location.endswith("/") else location
        await _in_a_thread(location, lambda: _upload(url, content))


def is_signed(file: Fetched, signature: str, certificate: str) -> bool:
    """Whether the signature is that of the certificate's owner over the whole file (L01.FR.04)."""
    if file.sha256 is None:
        return True
    try:
        said = base64.b64decode(signature, validate=True)
        _verify(x509.load_pem_x509_certificate(certificate.encode()), said, file.sha256)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _verify(certificate: x509.Certificate, signature: bytes, digest: bytes) -> None:
    hashed = Prehashed(SHA256())
    match certificate.public_key():
        case ec.EllipticCurvePublicKey() as key:
            key.verify(signature, digest, ec.ECDSA(hashed))
        case rsa.RSAPublicKey() as key:
            salted = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
            key.verify(signature, digest, salted, hashed)
        case _:
            raise InvalidSignature


def _is_real(location: str) -> bool:
    """Whether it is a place to go to. Raises Failed if there is no such place."""
    parts = urlsplit(location)
    host = parts.hostname or ""
    if parts.scheme not in SCHEMES or not host or host.endswith(".invalid"):
        raise Failed(location)
    by_example = any(host == each or host.endswith(f".{each}") for each in EXAMPLES)
    return parts.scheme in ("http", "https") and not by_example


async def _in_a_thread[R](location: str, work: Callable[[], R]) -> R:
    try:
        return await asyncio.to_thread(work)
    except (OSError, HTTPError, HTTPException, ValueError) as failure:
        logger.info("%s: %s", urlsplit(location).hostname, failure)
        raise Failed(location) from failure


def _download(location: str) -> bytes:
    sha256 = hashlib.sha256()
    with _opener.open(location, timeout=SILENCE_S) as answer:
        while chunk := answer.read(CHUNK):
            sha256.update(chunk)
        if answer.length:
            raise HTTPException("it broke off")
    return sha256.digest()


def _upload(url: str, content: bytes) -> None:
    request = Request(url, content, {"Content-Type": "application/octet-stream"}, method="PUT")
    with _opener.open(request, timeout=SILENCE_S) as answer:
        answer.read()
