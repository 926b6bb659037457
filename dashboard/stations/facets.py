"""How many stations of a network are of which kind: what a filter can be narrowed by, and to how many."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Func, Q, TextField

from dashboard.search_words import Token
from dashboard.stations import station_incidents, station_search
from emobi.core.models import Network
from stations import drift_reading
from stations.models import Availability, Connectivity, Connector, Station

MOST = 8


@dataclass(frozen=True, slots=True)
class Facet:
    """A value of a key, as a token, and how many stations have it."""

    token: str
    word: str
    count: int


_KEYS = (
    ("Connection", "connection", "connectivity"),
    ("Protocol", "proto", "ocpp_version"),
    ("Site", "site", "site"),
    ("Vendor", "vendor", "vendor"),
    ("Model", "model", "model"),
    ("Firmware", "fw", "firmware_version"),
    ("Security profile", "profile", "security_profile"),
)
# What is counted by a search of its own: tokens and what they are called.
_CHARGING = Token("status", "", "charging")
_LOOKS = {
    Token("is", "", "pending"): "Wait for a decision",
    Token("cert", "<", "30d"): "Certificate ends within 30 days",
    Token("is", "", "maintenance"): "In maintenance",
}


def of(network: Network) -> Sequence[tuple[str, Sequence[Facet]]]:
    """Count a network: by heading, the most frequent first. Seven queries."""
    names = [column for _, _, column in _KEYS]
    kinds = Station.objects.filter(network=network).order_by().values_list(*names)
    counted: list[Counter[str]] = [Counter() for _ in _KEYS]
    for *values, count in kinds.annotate(count=Count("pk")):
        if values[-1] is None:
            values[-1] = network.security_profile
        values[-1] = str(values[-1])
        for value, counter in zip(values, counted, strict=True):
            counter[value] += count
    groups = [
        (title, [_facet(key, value, count) for value, count in counter.most_common(MOST) if value])
        for (title, key, _), counter in zip(_KEYS, counted, strict=True)
    ]
    searched = _searched(network)
    incidents = station_incidents.unresolved().filter(incident__network=network)
    needs = (
        Facet("incidents:>0", "Open incidents", incidents.values("station").distinct().count()),
        Facet("drift:yes", "Differs from a template", len(drift_reading.counts(network))),
        *(Facet(str(token), word, searched[token]) for token, word in _LOOKS.items()),
    )
    groups.insert(1, ("Status", _statuses(network, searched[_CHARGING])))
    groups.insert(2, ("Needs a look", [facet for facet in needs if facet.count]))
    groups.append(("Tag", _tags(network)))
    return [(title, found) for title, found in groups if found]


def _searched(network: Network) -> dict[Token, int]:
    """How many stations each of these searches finds. One query."""
    tokens = (_CHARGING, *_LOOKS)
    counts = {
        f"found_{number}": Count("pk", filter=station_search.KEYS[token.key](network, token))
        for number, token in enumerate(tokens)
    }
    found = Station.objects.filter(network=network).aggregate(**counts)
    return {token: found[f"found_{number}"] for number, token in enumerate(tokens)}


def _statuses(network: Network, charging: int) -> list[Facet]:
    """Stations that have a connector of each status, as a search by it finds them. One query."""
    # A fault of the station itself is one, too.
    counts = Q(evse_id__gt=0) | Q(status=Availability.FAULTED)
    told = Connector.objects.filter(counts, station__network=network).order_by().values_list("status")
    found = [(str(status), count) for status, count in told.annotate(count=Count("station", distinct=True))]
    of_each = Counter(dict([*found, ("Charging", charging)] if charging else found))
    return [
        _facet("status", status.lower(), count, status) for status, count in of_each.most_common() if status
    ]


def _tags(network: Network) -> list[Facet]:
    """One query."""
    each = Func(F("tags"), function="jsonb_array_elements_text", output_field=TextField())
    tagged = Station.objects.filter(network=network).order_by().annotate(tag=each).values_list("tag")
    counted = tagged.annotate(count=Count("pk")).order_by("-count", "tag")[:MOST]
    return [_facet("tag", tag, count) for tag, count in counted if tag]


def _facet(key: str, value: str, count: int, word: str = "") -> Facet:
    word = Connectivity(value).label if key == "connection" else word or value
    return Facet(str(Token(key, "", value)), word, count)
