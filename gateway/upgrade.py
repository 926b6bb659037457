"""The request that opens a WebSocket: what of it is refused, and what the application sees of it. No I/O.

The listener parses HTTP with Twisted and speaks WebSocket with autobahn. Both are lenient in ways that have
cost Daphne a CVE (2026-44546: header values that autobahn splits into two headers), so that the request is
judged here, and autobahn is given a new one with only the headers that it needs.

Source: RFC 6455, section 4.2; RFC 9110, sections 5.5 and 7.8; RFC 9112, section 3.2.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import unquote

type Headers = list[tuple[bytes, bytes]]

TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
# Visible text, blanks, and the upper half of latin-1, but for \x85, where str.splitlines() ends a line.
FIELD_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\x84\x86-\xff]*")
# Some stations send the whole URL, as to a proxy (absolute-form).
ABSOLUTE = re.compile(rb"(?:ws|http)s?://[^/?#]+", re.IGNORECASE)
TARGET = re.compile(
    rb"(/[!-\"$->@-~]*)(?:\?([!-\"$-~]*))?"
)  # visible ASCII without "#"; in the path, without "?"

# Read by autobahn; that may come once only, and that RFC 6455 lets a client spread over several headers.
ONCE = (b"host", b"sec-websocket-key", b"sec-websocket-version")
LISTS = (b"upgrade", b"connection", b"sec-websocket-extensions")


class UpgradeRefused(Exception):
    """The request doesn't become a WebSocket.

    Attributes:
        status: HTTP status.
        headers: Besides those that every response has.
    """

    def __init__(self, status: int, text: str, headers: Headers | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers or []


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """A request to become a WebSocket.

    Attributes:
        raw_path: As it came, percent signs and all.
        headers: Names in lower case; a repeated header is there as often as it came. Names with an underscore
            aren't: some proxies make them of names with a dash (CVE-2015-0219).
        subprotocols: In the station's order.
    """

    raw_path: bytes
    query_string: bytes
    headers: Headers
    subprotocols: tuple[str, ...]

    def scope(self) -> dict[str, Any]:
        """The part of an ASGI scope that the request decides."""
        return {
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "path": unquote(self.raw_path.decode()),
            "raw_path": self.raw_path,
            "query_string": self.query_string,
            "headers": self.headers,
            "subprotocols": list(self.subprotocols),
        }

    def head(self) -> bytes:
        """The request again, as autobahn gets it."""
        lines = [b"GET / HTTP/1.1"]
        lines += [b"%s: %s" % header for header in self.headers if header[0] in ONCE]
        lines += [b"%s: %s" % (name, b",".join(_values(self.headers, name))) for name in LISTS]
        if self.subprotocols:
            lines.append(b"sec-websocket-protocol: " + ",".join(self.subprotocols).encode())
        return b"\r\n".join([*lines, b"", b""])


def read(method: bytes, target: bytes, version: bytes, headers: Headers) -> Upgrade:
    """Judge a request's head; autobahn has the last word on its ``Connection`` and ``Sec-WebSocket-…``.

    Raises:
        UpgradeRefused: If it isn't a request to become a WebSocket, or a damaged one.
    """
    if not all(TOKEN.fullmatch(name) and FIELD_VALUE.fullmatch(value) for name, value in headers):
        raise UpgradeRefused(400, "Invalid header.")
    if b"websocket" not in _elements(value.lower() for value in _values(headers, b"upgrade")):
        raise UpgradeRefused(
            426, "Charging stations connect here, by WebSocket.", [(b"upgrade", b"websocket")]
        )
    if method != b"GET":
        raise UpgradeRefused(405, "A WebSocket opens with GET.", [(b"allow", b"GET")])
    if version != b"HTTP/1.1":
        raise UpgradeRefused(505, "A WebSocket opens with HTTP/1.1.")
    if set(_values(headers, b"content-length")) - {b"0"} or _values(headers, b"transfer-encoding"):
        raise UpgradeRefused(400, "A WebSocket's request has no body.")
    if any(len(_values(headers, name)) > 1 for name in ONCE):
        raise UpgradeRefused(400, "Repeated header.")
    raw_path, query_string = _split(target)
    return Upgrade(
        raw_path=raw_path,
        query_string=query_string,
        headers=[(name, value) for name, value in headers if b"_" not in name],
        subprotocols=_subprotocols(headers),
    )


def response(status: int, headers: Headers, body: bytes) -> bytes:
    """A complete HTTP response, after which the connection ends."""
    connection = b"upgrade, close" if status == 426 else b"close"
    lines = [
        b"HTTP/1.1 %d %s" % (status, responses.get(status, "").encode()),
        *(b"%s: %s" % (name, value) for name, value in headers),
        b"content-length: %d" % len(body),
        b"connection: " + connection,
    ]
    return b"\r\n".join([*lines, b"", body])


def text_response(status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """A complete HTTP response of one line for people."""
    return response(status, [(b"content-type", b"text/plain; charset=utf-8"), *headers], f"{text}\n".encode())


def _values(headers: Headers, wanted: bytes) -> list[bytes]:
    return [value for name, value in headers if name == wanted]


def _elements(values: Iterable[bytes]) -> list[bytes]:
    """The elements of a header that is a list; empty ones don't count (RFC 9110, section 5.6.1)."""
    elements = [element.strip(b" \t") for value in values for element in value.split(b",")]
    return [element for element in elements if element]


def _subprotocols(headers: Headers) -> tuple[str, ...]:
    tokens = _elements(_values(headers, b"sec-websocket-protocol"))
    if not all(TOKEN.fullmatch(token) for token in tokens):
        raise UpgradeRefused(400, "Invalid subprotocol.")
    return tuple(token.decode() for token in tokens)


def _split(target: bytes) -> tuple[bytes, bytes]:
    """Path and query of a request target, in origin-form or absolute-form."""
    if absolute := ABSOLUTE.match(target):
        target = target[absolute.end() :]
        target = target if target.startswith(b"/") else b"/" + target
    parts = TARGET.fullmatch(target)
    if parts is None:
        raise UpgradeRefused(400, "Invalid request target.")
    return parts[1], parts[2] or b""
