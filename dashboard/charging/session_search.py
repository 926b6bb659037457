"""Which charging sessions are looked for, as it is typed and as a URL has it.

    station:CP-1 evse:2 state:active token:AB12 flag:zero reason:Local kwh:>10 from:7d to:2026-11-28 4711

What stands alone is an id of a session or of its transaction, or a part of a station's identity. What can't
be read narrows nothing, and is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models import F, Q, QuerySet

from dashboard import search_words
from dashboard.charging.session_flags import FLAGS
from dashboard.search_words import Token
from dashboard.typed_search import Misread, TypedSearch, moment, typed
from emobi.core import clock
from emobi.core.models import Network
from sessions.models import ChargingSession, SessionState

LONGEST = 300
_ID_LENGTH = 26
_FIELDS = {"state": "state", "flag": "flag", "station": "station"}


@dataclass(frozen=True, kw_only=True)
class SessionSearch(TypedSearch):
    """A search and where its page begins: ``after`` is the id of the last session of the page before."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "SessionSearch":
        """The search that a URL's query names."""
        words = search_words.parse(typed(query, _FIELDS, LONGEST), KEYS)
        after = query.get("after", "")[:_ID_LENGTH]
        return cls(
            text=words.text, tokens=words.tokens, after=after if after.isascii() and after.isalnum() else ""
        )


def find(network: Network, search: SessionSearch) -> tuple[QuerySet[ChargingSession], list[str]]:
    """The sessions that fit, the newest first, and in words what of the search wasn't understood."""
    found = ChargingSession.objects.filter(network=network)
    problems = []
    if search.text:
        exact = Q(pk=search.text) | Q(transaction_id=search.text)
        found = found.filter(exact | Q(station__identity__icontains=search.text))
    for key in dict.fromkeys(token.key for token in search.tokens):
        of_key = Q()
        try:
            for token in (each for each in search.tokens if each.key == key):
                met = KEYS[key](token)
                of_key = of_key & met if token.sign else of_key | met
        except Misread as error:
            problems.append(str(error))
        else:
            found = found.filter(of_key)
    if search.after:
        found = found.filter(pk__lt=search.after)
    return found.select_related("station").order_by("-pk"), problems


def _station(token: Token) -> Q:
    if token.value.endswith("*"):
        return Q(station__identity__istartswith=token.value[:-1])
    return Q(station__identity__iexact=token.value)


def _evse(token: Token) -> Q:
    if not (token.value.isascii() and token.value.isdigit() and len(token.value) < 6):
        raise Misread(f"evse:{token.value} is no number of an EVSE")
    return Q(evse_id=int(token.value))


def _state(token: Token) -> Q:
    if token.value.lower() not in SessionState.values:
        raise Misread(f"state:{token.value} isn't one of {', '.join(SessionState.values)}")
    return Q(state=token.value.lower())


def _id_token(token: Token) -> Q:
    """All of it, or its end as lists show it: …0001."""
    if token.value.startswith("…"):
        return Q(id_token__iendswith=token.value[1:])
    return Q(id_token__iexact=token.value)


def _reason(token: Token) -> Q:
    return Q(reason__iexact=token.value)


def _flag(token: Token) -> Q:
    flag = FLAGS.get(token.value.lower())
    if flag is None:
        raise Misread(f"flag:{token.value} isn't one of {', '.join(FLAGS)}")
    return flag.condition(clock.wall())


def _energy(token: Token) -> Q:
    """By the registers alone."""
    try:
        energy_wh = Decimal(token.value) * 1000
    except InvalidOperation:
        energy_wh = None
    if energy_wh is None or not energy_wh.is_finite() or abs(energy_wh) > Decimal(10) ** 12:
        raise Misread(f"kwh:{token.value} is no number; write for example kwh:>10")
    compare = "lt" if token.sign == "<" else "gte"
    return Q(**{f"meter_last_wh__{compare}": F("meter_start_wh") + energy_wh})


def _from(token: Token) -> Q:
    return Q(started_at__gte=moment(token, "7d"))


def _to(token: Token) -> Q:
    return Q(started_at__lt=moment(token, "7d"))


KEYS: Mapping[str, Callable[[Token], Q]] = {
    "station": _station,
    "evse": _evse,
    "state": _state,
    "token": _id_token,
    "reason": _reason,
    "flag": _flag,
    "kwh": _energy,
    "from": _from,
    "to": _to,
}
