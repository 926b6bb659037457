"""HTTP requests of ours to servers of others: one POST, one answer, in all within a time; no redirects.

Where a URL comes from outside, as an OCSP responder's does from a certificate, it must not lead into our own
network. Names are resolved here, each address is judged, and what is connected to is the address that was
judged: a name that means another address a moment later changes nothing.

Blocks: not for an event loop, nor for a thread that others wait for.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

LARGEST_ANSWER = 64 << 10
PORTS = {"http": 80, "https": 443}

# Addresses of version 6 that stand for one of version 4, beside those that the library knows.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that is given out of version 6 so far (RFC 4291, IANA). Outside of it are loopback and site-local
# addresses, and more ways to write one of version 4: ::/96, ::ffff:0:0:0/96, 64:ff9b:1::/48.
_UNICAST = ipaddress.ip_network("2000::/3")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """No answer: the text says why, without the URL's path or query."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is 2xx."""
        return 200 <= self.status < 300


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    public_only: bool,
    largest: int = LARGEST_ANSWER,
) -> Answer:
    """Send ``body`` to ``url``.

    Args:
        url: http or https.
        body: As it goes out.
        headers: Content-Type and whatever else.
        timeout_s: For all of it, from the connection to the last byte.
        public_only: The URL comes from outside: only public addresses, and the usual ports.
        largest: An answer with more bytes is none.

    Raises:
        Unreachable: If no answer came, or it may not be asked for.
    """
    parts = _split(url, public_only=public_only)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    opened = _connect(host, port, timeout_s, public_only=public_only)
    end = threading.Timer(timeout_s, _break_off, [opened])
    end.daemon = True
    end.start()
    try:
        return _exchange(parts, opened, body, headers, timeout_s, largest)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{host}: {type(error).__name__}") from error
    finally:
        end.cancel()
        opened.close()


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet's, whichever way it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _split(url: str, *, public_only: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreachable("not a URL") from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise Unreachable("not a URL of http or https")
    if public_only and port not in (None, *PORTS.values()):
        raise Unreachable(f"{parts.hostname}: port {port} isn't asked")
    return parts


def _connect(host: str, port: int, timeout_s: float, *, public_only: bool) -> socket.socket:
    """A connection to the first address that takes one; one that isn't public is as good as none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: no such name") from error
    why = "no address"
    for family, kind, protocol, _, where in found:
        if public_only and not is_public(ipaddress.ip_address(str(where[0]).partition("%")[0])):
            why = "not a public address"
            continue
        attempt = socket.socket(family, kind, protocol)
        try:
            attempt.settimeout(timeout_s)
            attempt.connect(where)
        except OSError as error:
            attempt.close()
            why = type(error).__name__
        else:
            return attempt
    raise Unreachable(f"{host}: {why}")


def _exchange(
    parts: SplitResult,
    opened: socket.socket,
    body: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    largest: int,
) -> Answer:
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    connection.auto_open = 0  # the address was chosen
    connection.sock = opened
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(opened, server_hostname=parts.hostname)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        content = response.read(largest + 1)
    finally:
        connection.close()
    if len(content) > largest:
        raise Unreachable(f"{parts.hostname}: its answer is larger than {largest} bytes")
    return Answer(status=response.status, content_type=response.headers.get_content_type(), body=content)


def _break_off(opened: socket.socket) -> None:
    """A server that sends a byte now and then isn't waited for: whoever reads finds the connection closed."""
    with contextlib.suppress(OSError):  # closed already
        opened.shutdown(socket.SHUT_RDWR)
