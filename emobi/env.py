"""Settings from the environment, each read by its type.

A reader answers the default while its variable is unset or empty, but for ``address``, where empty has a
meaning. What can't be read raises ImproperlyConfigured with one line that names the variable; `manage.py`
prints that line and exits 1.
"""

import math
import os
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


def text(name: str, *, default: str) -> str:
    return os.environ.get(name, "") or default


def words(name: str, *, default: str) -> list[str]:
    """Words between spaces or commas."""
    return text(name, default=default).replace(",", " ").split()


def choice(name: str, *, default: str, among: Collection[str]) -> str:
    """One of ``among``, in any case of letters; answered as ``among`` spells it."""
    value = text(name, default=default)
    spellings = {spelling.casefold(): spelling for spelling in among}
    try:
        return spellings[value.casefold()]
    except KeyError:
        raise ImproperlyConfigured(f"{name}={value!r}: not one of {', '.join(among)}") from None


def boolean(name: str, *, default: bool) -> bool:
    value = text(name, default="").casefold()
    if not value:
        return default
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name}={value!r}: neither yes (1, true, on) nor no (0, false, off)")
    return value in YES


def integer(name: str, *, default: int, at_least: int | None = None, at_most: int | None = None) -> int:
    value = text(name, default="")
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: not a whole number") from None
    if at_least is not None and number < at_least:
        raise ImproperlyConfigured(f"{name}={value!r}: at least {at_least}")
    if at_most is not None and number > at_most:
        raise ImproperlyConfigured(f"{name}={value!r}: at most {at_most}")
    return number


# Ten years: what is added to a time stays one. Nobody waits for longer.
MOST_SECONDS = 315_360_000


def seconds(name: str, *, default: float, at_least: float = 0) -> float:
    value = text(name, default="")
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: not a number of seconds") from None
    if not math.isfinite(number) or number < at_least:
        raise ImproperlyConfigured(f"{name}={value!r}: at least {at_least:g} s")
    if number > MOST_SECONDS:
        raise ImproperlyConfigured(f"{name}={value!r}: at most {MOST_SECONDS} s")
    return number


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; false for nowhere."""

    host: str
    port: int

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read "host:port" or "[v6]:port"; the host of the latter is kept without its brackets.

        Raises:
            ValueError: If ``value`` is neither.
        """
        parts = urlsplit(f"//{value}")
        if not parts.hostname or not parts.port or parts.netloc != value or {"@", " "} & set(value):
            raise ValueError("not host:port")
        return cls(parts.hostname, parts.port)

    def __bool__(self) -> bool:
        return bool(self.host)

    def __str__(self) -> str:
        if not self:
            return ""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


NOWHERE = Address("", 0)


def address(name: str, *, default: str) -> Address:
    """Where to listen; NOWHERE if the variable is set and empty."""
    value = os.environ.get(name, default)
    try:
        return Address.parse(value) if value else NOWHERE
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: not host:port, as in 127.0.0.1:8000") from None


def url(name: str, *, default: str, schemes: Collection[str]) -> str:
    """A URL with a host; what is wrong with it is said without its text, which may hold a password."""
    value = text(name, default=default)
    if not value:
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or " " in value:
        raise ImproperlyConfigured(
            f"{name}: not a URL that starts with {' or '.join(f'{s}://' for s in schemes)}"
        )
    return value


def server_url(name: str, *, default: str, schemes: Collection[str]) -> str:
    """Where one of our own servers is: with a host, or by a unix socket as ``?host=/folder`` or ``unix:///path``.

    What is wrong is said without the URL's text, which may hold a password.
    """
    value = text(name, default=default)
    try:
        parts = urlsplit(value)
        is_local = parts.path.startswith("/") if parts.scheme == "unix" else "host" in parse_qs(parts.query)
        usable = parts.scheme in schemes and (bool(parts.hostname) or is_local) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or " " in value:
        raise ImproperlyConfigured(
            f"{name}: not a URL with a host that starts with {' or '.join(f'{s}://' for s in schemes)}"
        )
    return value


def file_pairs(name: str) -> list[tuple[Path, Path]]:
    """Pairs of files as "chain.pem:key.pem", comma-separated; their reader sees whether they are there."""
    value = text(name, default="")
    pairs = [pair.strip().partition(":") for pair in value.split(",")] if value else []
    if not all(chain and key for chain, _, key in pairs):
        raise ImproperlyConfigured(f"{name}={value!r}: not chain.pem:key.pem, comma-separated")
    return [(Path(chain), Path(key)) for chain, _, key in pairs]


def email_sender(name: str, *, default: str) -> str:
    """Who e-mails come from, as ``address`` or ``Name <address>``."""
    value = text(name, default=default)
    address = parseaddr(value)[1]
    if not value.isprintable() or not all(address.rpartition("@")[::2]):
        raise ImproperlyConfigured(f"{name}={value!r}: not an e-mail address, as in Emobi <noc@example.org>")
    return value


# How long a mail server may take to answer.
_MAIL_TIMEOUT_S = 20


def mailer(name: str, value: str) -> dict[str, Any]:
    """Django's mailer for a URL that `url` has read; without one, one that nothing is given to.

    ``smtps`` speaks TLS from the first byte (465), ``smtp`` with ``?starttls=1`` from the second on (587).
    """
    if not value:
        return {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(value)
    asked = parse_qs(parts.query)
    if unknown := sorted(asked.keys() - {"starttls"}):
        raise ImproperlyConfigured(f"{name}: {unknown[0][:40]} isn't known; starttls is")
    tls_later = asked.get("starttls", ["0"])[-1].casefold() in YES
    if tls_later and parts.scheme == "smtps":
        raise ImproperlyConfigured(f"{name}: smtps speaks TLS from the start, it takes no starttls")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port,
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": tls_later,
            "use_ssl": parts.scheme == "smtps",
            "timeout": _MAIL_TIMEOUT_S,
        },
    }
