"""Which commands of a network are looked for, as it is typed and as a URL has it.

    station:CP-1 command:reset state:failed by:user:ada effect:not_seen bulk:01K… from:1h to:2026-11-28

What stands alone is an id of a command, or a part of a station's identity. Of one key any of several will do;
everything else has to fit together. What can't be read narrows nothing, and is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from dashboard import search_words
from dashboard.commands import command_words
from dashboard.search_words import Token
from dashboard.typed_search import Misread, TypedSearch, moment, typed
from emobi.core import ulid
from emobi.core.models import Network
from stations.models import (
    UNSUCCESSFUL_COMMAND_STATES,
    BulkTarget,
    Command,
    CommandState,
    RunStep,
    Station,
)

LONGEST = 300
_ID_LENGTH = 26
FEW_STATIONS = 200
# Fields of the form, by the tokens that they are.
_FIELDS = {
    "state": "state", "command": "command", "effect": "effect", "station": "station", "by": "by",
    "since": "from", "until": "to",
}  # fmt: skip

# Several states by one word.
STATES: Mapping[str, Sequence[str]] = {
    "open": [each.value for each in CommandState if each.open],
    "unsuccessful": UNSUCCESSFUL_COMMAND_STATES,
}
# What was seen of what a command was to bring about: the words of its outcome's verification, and none.
VERIFIED, NOT_SEEN, PENDING, NONE = "verified", "not_seen", "pending", "none"
EFFECTS = (VERIFIED, NOT_SEEN, PENDING, NONE)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """A kind of who asks, in words: one of them, and all."""

    one: str
    all: str


ASKERS: Mapping[str, Asker] = {
    "user": Asker(one="user", all="Users"),
    "key": Asker(one="API key", all="API keys"),
    "playbook": Asker(one="playbook", all="Playbooks"),
    "system": Asker(one="Emobi itself", all="Emobi itself"),
}


@dataclass(frozen=True, kw_only=True)
class CommandSearch(TypedSearch):
    """A search and where its page begins: ``after`` is the id of the last command of the page before."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "CommandSearch":
        """The search that a URL's query names."""
        words = search_words.parse(typed(query, _FIELDS, LONGEST), KEYS)
        after = query.get("after", "")[:_ID_LENGTH]
        return cls(
            text=words.text, tokens=words.tokens, after=after if after.isascii() and after.isalnum() else ""
        )


def find(network: Network, search: CommandSearch) -> tuple[QuerySet[Command], list[str]]:
    """The commands that fit, the newest first, and in words what of the search wasn't understood."""
    found = Command.objects.filter(network=network)
    problems = []
    if search.text:
        found = found.filter(Q(pk=search.text) | _at(network, identity__icontains=search.text))
    for key in dict.fromkeys(token.key for token in search.tokens):
        of_key = Q()
        try:
            for token in (each for each in search.tokens if each.key == key):
                met = KEYS[key](network, token)
                of_key = of_key & met if key in _BOUNDS else of_key | met
        except Misread as error:
            problems.append(str(error))
        else:
            found = found.filter(of_key)
    if search.after:
        found = found.filter(pk__lt=search.after)
    return found.order_by("-pk"), problems


def _at(network: Network, **called: str) -> Q:
    """At the stations that are called so. A few are named one by one: their commands have an index."""
    found = Station.objects.filter(network=network, **called).values_list("pk", flat=True)
    few = list(found[: FEW_STATIONS + 1])
    return Q(station__in=few if len(few) <= FEW_STATIONS else found)


def _station(network: Network, token: Token) -> Q:
    if token.value.endswith("*"):
        return _at(network, identity__istartswith=token.value[:-1])
    return _at(network, identity__iexact=token.value)


def _command(_network: Network, token: Token) -> Q:
    """By its name in the catalogue, or by our title of it."""
    wanted = token.value.casefold()
    for name, words in command_words.WORDS.items():
        if wanted in (words.title.casefold(), name, name.replace("_", "-")):
            return Q(name=name)
    raise Misread(f"{token.key}:{token.value} is no command; write for example {token.key}:reset")


def _state(_network: Network, token: Token) -> Q:
    wanted = token.value.lower()
    if wanted in STATES:
        return Q(state__in=STATES[wanted])
    if wanted not in CommandState.values:
        raise Misread(f"state:{token.value} isn't one of {', '.join((*CommandState.values, *STATES))}")
    return Q(state=wanted)


def _by(_network: Network, token: Token) -> Q:
    """Who asked: ``user:ada``, ``ada`` alone, all of a kind, or all that begin so (``key:ek_9*``)."""
    wanted = token.value
    if wanted.lower() in ASKERS:
        return Q(requested_by__startswith=f"{wanted.lower()}:")
    if wanted.endswith("*"):
        return Q(requested_by__istartswith=wanted[:-1])
    if ":" in wanted:
        return Q(requested_by__iexact=wanted)
    return Q(requested_by__iendswith=f":{wanted}")


def _effect(_network: Network, token: Token) -> Q:
    wanted = token.value.lower().replace("-", "_")
    if wanted not in EFFECTS:
        raise Misread(f"effect:{token.value} isn't one of {', '.join(EFFECTS)}")
    if wanted == NONE:
        return Q(outcome__verification__isnull=True)
    return Q(outcome__verification__state=wanted)


def _bulk(network: Network, token: Token) -> Q:
    targets = BulkTarget.objects.filter(bulk=token.value[:_ID_LENGTH], bulk__network=network)
    return Q(pk__in=targets.exclude(command=None).values("command"))


def _run(network: Network, token: Token) -> Q:
    steps = RunStep.objects.filter(run=token.value[:_ID_LENGTH], run__network=network)
    return Q(pk__in=steps.exclude(command=None).values("command"))


def _from(_network: Network, token: Token) -> Q:
    """By ids, which follow time: the list's own index has them."""
    return Q(pk__gte=ulid.lowest(moment(token, "2h")))


def _to(_network: Network, token: Token) -> Q:
    return Q(pk__lt=ulid.lowest(moment(token, "2h")))


KEYS: Mapping[str, Callable[[Network, Token], Q]] = {
    "station": _station,
    "command": _command,
    "kind": _command,
    "state": _state,
    "by": _by,
    "effect": _effect,
    "bulk": _bulk,
    "run": _run,
    "from": _from,
    "since": _from,
    "to": _to,
    "until": _to,
}
# Of these all have to fit.
_BOUNDS = ("from", "since", "to", "until")
