"""Whether chargers can reach the URLs that they are given, as far as it can be told from here.

From here is not from outside: a firewall or a NAT may let us through and them not, and the other way round.
"""

import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.onboarding.checklist import FAILED, OK, WAITING
from dashboard.statuses import Shown
from emobi.core import clock

DEADLINE_S = 3.0
SOON = timedelta(days=14)
_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that was looked at; what can't be told from here waits."""

    title: str
    shown: Shown
    text: str


def of(url: str, authority: Path | None) -> list[Finding]:
    """The name, the port and the certificate of a URL; what fails ends it. Takes seconds at most.

    Args:
        url: ws or wss.
        authority: The certificate that chargers have to trust, where it isn't one that all do.
    """
    return list(_look(url, authority))


def _look(url: str, authority: Path | None) -> Iterator[Finding]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failure:
        yield Finding(title=f"The name {host}", shown=FAILED, text=f"isn't found: {failure.strerror}")
        return
    yield _name(host, list(dict.fromkeys(str(each[4][0]) for each in found)))
    try:
        with socket.create_connection((host, port), DEADLINE_S) as connected:
            yield Finding(title=f"Port {port}", shown=OK, text="open, seen from here")
            if parts.scheme == "wss":
                yield _certificate(connected, host, authority)
    except OSError as failure:
        text = f"can't be reached from here: {failure.strerror or failure}"
        yield Finding(title=f"Port {port}", shown=FAILED, text=text)


def _name(host: str, addresses: Sequence[str]) -> Finding:
    title, told = f"The name {host}", f"is {', '.join(addresses[:4])}"
    known = [ip_address(each.partition("%")[0]) for each in addresses]
    if all(each.is_loopback or each.is_unspecified for each in known):
        text = f"{told}: this machine alone. EMOBI_OCPP_URL is what chargers are told instead."
        return Finding(title=title, shown=FAILED, text=text)
    if not any(each.is_global for each in known):
        text = f"{told}: private. Chargers have to be in the same network, an APN or a VPN."
        return Finding(title=title, shown=WAITING, text=text)
    return Finding(title=title, shown=OK, text=told)


def _certificate(connected: socket.socket, host: str, authority: Path | None) -> Finding:
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    try:
        with context.wrap_socket(connected, server_hostname=host) as secured:
            ends_at = _ends_at(secured)
    except ssl.SSLCertVerificationError as failure:
        text = f"a charger that looks closely refuses it: {failure.verify_message}"
        return Finding(title="Certificate", shown=FAILED, text=text)
    except OSError as failure:
        text = f"no TLS there: {failure.strerror or failure}"
        return Finding(title="Certificate", shown=FAILED, text=text)
    trusted = "signed by our own authority: chargers need its file" if authority else "trusted by all"
    shown = FAILED if ends_at < clock.wall() + SOON else OK
    return Finding(title="Certificate", shown=shown, text=f"{trusted}; valid until {ends_at:%Y-%m-%d}")


def _ends_at(secured: ssl.SSLSocket) -> datetime:
    told = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)
