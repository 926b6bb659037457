"""Where we may send: not into our own network.

A URL is judged when it is written down, by what can be seen of it, and each address when it is connected to:
a name may mean another address by then.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp import AddrInfoType
from django.conf import settings

from emobi.core import outgoing_http
from emobi.core.errors import Invalid

LONGEST_URL = 2000


class Forbidden(OSError):
    """An address that isn't connected to."""


def judged(url: str) -> str:
    """``url``, if it may be an endpoint's.

    Raises:
        Invalid: If it may not.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("This isn't a URL.", "url") from None
    anywhere = settings.EMOBI_WEBHOOK_ALLOW_PRIVATE
    host = parts.hostname or ""
    if not url.isprintable() or " " in url or len(url) > LONGEST_URL or parts.fragment:
        raise Invalid("This isn't a URL that can be sent to.", "url")
    if parts.scheme != "https" and not (anywhere and parts.scheme == "http"):
        raise Invalid("The URL has to begin with https://.", "url")
    if not host or parts.username is not None:
        raise Invalid("The URL needs a host, and can't hold a user name.", "url")
    if not anywhere and port not in (None, *outgoing_http.PORTS.values()):
        raise Invalid(f"Port {port} isn't sent to.", "url")
    if not anywhere and _is_private(host):
        raise Invalid("This isn't a public address.", "url")
    return url


def _is_private(host: str) -> bool:
    try:
        return not outgoing_http.is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def vetted_socket(address: AddrInfoType) -> socket.socket:
    """A socket to connect to ``address`` with.

    Raises:
        Forbidden: If it isn't public.
    """
    family, kind, protocol, _, where = address
    literal = str(where[0]).partition("%")[0]
    if not settings.EMOBI_WEBHOOK_ALLOW_PRIVATE and not outgoing_http.is_public(
        ipaddress.ip_address(literal)
    ):
        raise Forbidden("not a public address")
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made
