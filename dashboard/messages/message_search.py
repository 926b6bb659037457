"""What the message log is searched for, as it is typed and as a URL has it: text, tokens, JSON paths.

    station:CP-1 action:MeterValues dir:in result:error error:NotImplemented latency:>500ms size:>2kB
    id:… session:… evse:1 from:2026-11-28T10:00 to:1h invalid:yes $.idToken.idToken=AB12 some text

Of stations and actions any of several will do; everything else has to fit together. What can't be read
narrows nothing, and is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self, override

from django.db.models import Q

from dashboard import search_words
from dashboard.search_words import Token
from dashboard.typed_search import Misread, TypedSearch, moment, typed
from emobi.core.models import Network
from sessions.models import ChargingSession
from stations.exchange_log import Pattern, Result, Wanted
from stations.models import Direction, Station

LONGEST = 400
MOST_STATIONS = 200
# How long before a session was known and after it was last heard of its messages may be.
AROUND = timedelta(minutes=15)

_PATH = re.compile(r'\$\.([\w.\[\]-]+)=(?:"([^"]*)"?|(\S+))')
_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([A-Za-z]*)")
_MILLISECONDS = {"": 1.0, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_OCTETS = {"": 1, "b": 1, "kb": 1000, "mb": 1_000_000}
_DIRECTIONS = {
    **dict.fromkeys(("in", "received", "from"), Direction.RECEIVED),
    **dict.fromkeys(("out", "sent", "to"), Direction.SENT),
}
_RESULTS = {
    "answered": Result.ANSWERED, "ok": Result.ANSWERED, "error": Result.ERROR, "none": Result.NONE,
    "late": Result.ALONE, "alone": Result.ALONE, "damaged": Result.DAMAGED,
}  # fmt: skip
# Names that older links have, and forms without JavaScript.
_FIELDS = {
    "station": "station", "action": "action", "direction": "dir", "kind": "result", "error_code": "error",
    "since": "from", "until": "to",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MessageSearch(TypedSearch):
    """A search and where its page begins, as a URL has them.

    Attributes:
        paths: What stands where in the JSON.
        after: The id of the last frame of the page before; "" at the newest.
    """

    paths: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "MessageSearch":
        """The search that a URL's query names. What can't be a value of it is left out."""
        after = query.get("after", "")
        is_id = after.isascii() and after.isdigit() and len(after) < 19
        return replace(parse(typed(query, _FIELDS, LONGEST)), after=after if is_id else "")

    @override
    def conditions(self) -> Iterator[tuple[str, str, str, Self]]:
        yield from super().conditions()
        for path, value in self.paths:
            without = tuple(each for each in self.paths if each != (path, value))
            written = f'$.{path}="{value}"' if " " in value else f"$.{path}={value}"
            yield f"$.{path}", value, written, replace(self, paths=without)


def parse(written: str) -> MessageSearch:
    """Read what was typed."""
    paths = tuple(
        dict.fromkeys(
            (found[1], found[2] if found[2] is not None else found[3]) for found in _PATH.finditer(written)
        )
    )
    words = search_words.parse(_PATH.sub(" ", written), KEYS)
    return MessageSearch(text=words.text, tokens=words.tokens, paths=paths)


def timeless(search: MessageSearch) -> MessageSearch:
    """The same at any time, from its newest page on."""
    return replace(search, tokens=tuple(t for t in search.tokens if t.key not in ("from", "to")), after="")


def wanted(network: Network, search: MessageSearch) -> tuple[Wanted, list[str]]:
    """What is looked for in the log, and in words what of the search wasn't understood."""
    found: dict[str, Any] = {
        "network_id": network.pk,
        "texts": [search.text] if search.text else [],
        "patterns": [],
        "values": list(search.paths),
        "actions": [],
    }
    problems = []
    for token in search.tokens:
        try:
            KEYS[token.key](network, token, found)
        except Misread as error:
            problems.append(str(error))
    return Wanted(**found), problems


def named(token: Token) -> Q:
    """Stations by identity, in whatever case; ``CP-*`` is all that begin so."""
    lookup = "identity__istartswith" if token.value.endswith("*") else "identity__iexact"
    return Q(**{lookup: token.value.removesuffix("*")})


def _station(network: Network, token: Token, found: dict[str, Any]) -> None:
    ids = Station.objects.filter(named(token), network=network).values_list("pk", flat=True)
    found["station_ids"] = [*found.get("station_ids", ()), *ids[:MOST_STATIONS]]


def _action(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["actions"].append(token.value)


def _direction(_network: Network, token: Token, found: dict[str, Any]) -> None:
    if token.value.lower() not in _DIRECTIONS:
        raise Misread(f"dir:{token.value} is no direction; say in (from stations) or out (to them)")
    found["direction"] = _DIRECTIONS[token.value.lower()]


def _result(_network: Network, token: Token, found: dict[str, Any]) -> None:
    """One of our words, or else a status that the answer gives."""
    result = _RESULTS.get(token.value.lower())
    if result is not None:
        found["result"] = result
    else:
        found["verdict"] = token.value


def _error(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["error_code"] = token.value


def _latency(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["faster_ms" if token.sign == "<" else "slower_ms"] = _measured(
        token, _MILLISECONDS, "500ms or 1.5s"
    )


def _size(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["smaller" if token.sign == "<" else "larger"] = int(_measured(token, _OCTETS, "800 or 2kB"))


def _measured(token: Token, units: Mapping[str, float], example: str) -> float:
    match = _NUMBER.fullmatch(token.value)
    if match is None or match[2].lower() not in units:
        raise Misread(f"{token.key}:{token.value} can't be read; write for example {token.key}:>{example}")
    return float(match[1]) * units[match[2].lower()]


def _id(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["message_id"] = token.value


def _session(network: Network, token: Token, found: dict[str, Any]) -> None:
    """By our id or by its transaction's: what names the transaction, at its station, in its time."""
    sessions = ChargingSession.objects.filter(network=network)
    session = (
        sessions.filter(pk=token.value[:26]).first()
        or sessions.filter(transaction_id=token.value[:64]).order_by("-pk").first()
    )
    if session is None:
        raise Misread(f"session:{token.value}: there is no such session")
    found["station_ids"] = [session.station_id]
    found["since"] = session.received_at - AROUND
    found["until"] = session.heard_at + AROUND
    found["patterns"].append(transaction_pattern(session.transaction_id))


def transaction_pattern(transaction_id: str) -> Pattern:
    """What a frame that names this transaction has; 1.6 writes it as a number."""
    quoted = "".join(each if each.isalnum() else f"\\{each}" for each in transaction_id)
    expression = f'"transactionId"\\s*:\\s*"?{quoted}"?\\s*[,}}]'
    return Pattern(expression=expression, holds=[transaction_id])


def _evse(_network: Network, token: Token, found: dict[str, Any]) -> None:
    if not (token.value.isascii() and token.value.isdigit() and len(token.value) < 6):
        raise Misread(f"evse:{token.value} is no number of an EVSE")
    number = int(token.value)
    flat, nested = '"(connectorId|evseId)"\\s*:', '"evse"\\s*:\\s*\\{\\s*"id"\\s*:'
    expression = f"({flat}|{nested})\\s*{number}\\s*[,}}]"
    found["patterns"].append(Pattern(expression=expression, holds=['"connectorId"', '"evse']))


def _from(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["since"] = moment(token, "2h")


def _to(_network: Network, token: Token, found: dict[str, Any]) -> None:
    found["until"] = moment(token, "2h")


def _invalid(_network: Network, token: Token, found: dict[str, Any]) -> None:
    """``yes``, or a part of the path or rule."""
    found["deviation"] = "" if token.value.lower() in ("yes", "true", "1") else token.value


KEYS: Mapping[str, Callable[[Network, Token, dict[str, Any]], None]] = {
    "station": _station,
    "action": _action,
    "dir": _direction,
    "result": _result,
    "error": _error,
    "latency": _latency,
    "size": _size,
    "id": _id,
    "session": _session,
    "evse": _evse,
    "from": _from,
    "to": _to,
    "invalid": _invalid,
}
