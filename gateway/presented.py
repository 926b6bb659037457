"""What a station presents when it connects: a path, subprotocols, credentials. No database.

Source: OCPP-J 1.6 section 3.1, security whitepaper edition 3; OCPP 2.0.1 part 2, A00, and part 4,
section 3.1.
"""

import base64
import binascii
import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings

from gateway.client_certificate import ClientCertificate, client_certificate
from gateway.standing import GOOD, Standing

# What a URL's path begins with. It is for people to read: the subprotocol decides the version.
_ENDPOINTS = frozenset({"1.6", "2.0.1", "ocpp"})
LONGEST_NAME = 48
# In place of an HTTP status: there was no TLS, so there was no HTTP.
NO_TLS = 0
# What HTTP calls it; nothing is told to who hasn't said anything complete.
TOO_LATE = 408
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refused handshake: ``status`` and ``headers`` go out, the rest is for the operator."""

    status: int
    reason: str
    detail: str
    network_slug: str = ""
    identity: str = ""
    network_id: int | None = None
    known: bool = False
    headers: Sequence[tuple[bytes, bytes]] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a station presents.

    Attributes:
        standing: Of its certificate with the authority that issued it, where that could be asked.
    """

    network_slug: str
    identity: str
    offered: Sequence[str]
    basic: tuple[bytes, bytes] | None
    certificate: ClientCertificate | None
    secure: bool
    standing: Standing = GOOD

    def refused(
        self, status: int, reason: str, detail: str, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> Refusal:
        """A refusal of this request."""
        return Refusal(
            status=status,
            reason=reason,
            detail=detail,
            headers=headers,
            network_slug=_shown(self.network_slug),
            identity=_shown(self.identity),
        )

    def unauthorized(self, reason: str, detail: str) -> Refusal:
        """A 401: the same to the outside, whatever the reason."""
        return self.refused(401, reason, detail, ((b"WWW-Authenticate", b'Basic realm="ocpp"'),))


def read(scope: Mapping[str, Any]) -> Request | Refusal:
    """Read the upgrade request. Pure."""
    raw_path: bytes = scope["raw_path"]
    names = [_decoded(segment) for segment in raw_path.split(b"/") if segment]
    if len(names) == 4 and names[2] == names[3]:
        del names[3]  # stations that append their identity to a URL that holds it already (quirk 7)
    match names:
        case [str(endpoint), str(network_slug), str(identity)] if endpoint in _ENDPOINTS:
            request = Request(
                network_slug=network_slug,
                identity=identity,
                offered=scope["subprotocols"],
                basic=None,
                certificate=None,
                secure=scope["scheme"] == "wss",
            )
        case _:
            return _astray(raw_path)
    if not (_is_name(network_slug) and _is_name(identity)) or ":" in identity:
        detail = "A network and an identity have at most 48 printable characters, an identity no colon."
        return request.refused(404, "bad identity", detail)
    try:
        request = dataclasses.replace(request, certificate=client_certificate(scope))
    except ValueError:
        return request.unauthorized("bad certificate", "The client certificate can't be read.")
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    presented = [value for name, value in headers if name == b"authorization"]
    if not presented:
        if request.certificate is None and _is_foreign_page(headers):
            detail = "An Origin of another host than the URL's: that is how browsers connect, for a web page."
            return request.refused(403, "from a web page", detail)
        return request
    basic = _basic(presented[0]) if len(presented) == 1 else None
    if basic is None:
        return request.unauthorized(
            "bad authorization", "The Authorization header isn't Basic, or is there twice."
        )
    return dataclasses.replace(request, basic=basic)


def _astray(raw_path: bytes) -> Refusal:
    """A path that isn't ours: who comes by it is known as far as the path names somebody.

    The identity is the last segment, and the network the one before; a lone name behind what our URLs begin
    with may be either, and is kept as the network.
    """
    said = [
        _decoded(segment) or segment.decode("utf-8", "replace") for segment in raw_path.split(b"/") if segment
    ]
    match said:
        case [endpoint, *rest] if endpoint in _ENDPOINTS:
            network_slug, identity = (rest[0] if rest else "", rest[-1] if rest[1:] else "")
        case _:
            network_slug, identity = (said[-2] if said[1:] else "", said[-1] if said else "")
    return Refusal(
        status=404,
        reason="no such path",
        detail="The URL must end in /ocpp/NETWORK/IDENTITY.",
        network_slug=_shown(network_slug),
        identity=_shown(identity),
    )


def _is_foreign_page(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a page of somebody else's tells a browser to connect (RFC 6455, section 10.2).

    Some stations send an Origin, too: libraries make it of the URL's host, or have one of their own. Who has
    something to prove what it is may; a page has nothing.
    """
    pages = {value.lower() for name, value in headers if name == b"origin"}
    hosts = {_host(b"//" + value) for name, value in headers if name == b"host"}
    hosts.add((urlsplit(settings.EMOBI_OCPP_URL).hostname or "").encode())
    hosts |= {host.lower().encode() for host in settings.EMOBI_OCPP_ORIGINS}
    return any(page.startswith((b"http:", b"https:")) and _host(page) not in hosts - {b""} for page in pages)


def _host(url: bytes) -> bytes:
    """Of a URL, in lower case; "" where it has none."""
    try:
        return urlsplit(url).hostname or b""
    except ValueError:
        return b""


def _shown(name: str) -> str:
    """A name as it is kept: what can't be printed, or stored, is replaced."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:64])


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and text.isprintable()


def _decoded(segment: bytes) -> str | None:
    """A path segment, percent-decoded once; None if it can't be."""
    if _BAD_ESCAPE.search(segment):
        return None
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None


def _basic(header: bytes) -> tuple[bytes, bytes] | None:
    """User name and password, as bytes: a 1.6 password needn't be text (whitepaper, A00.FR.205)."""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error:
        return None
    return (user, password) if colon else None
