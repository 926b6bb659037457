"""How many stations of a network are of which kind: what a filter can be narrowed by, and to how many."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from dashboard.search_words import Token
from dashboard.stations import station_incidents
from emobi.core.models import Network
from stations import drift_reading
from stations.models import Connectivity, Station

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
)


def of(network: Network) -> Sequence[tuple[str, Sequence[Facet]]]:
    """Count a network: by heading, the most frequent first. Four queries."""
    names = [column for _, _, column in _KEYS]
    kinds = Station.objects.filter(network=network).order_by().values_list(*names)
    counted: list[Counter[str]] = [Counter() for _ in _KEYS]
    for *values, count in kinds.annotate(count=Count("pk")):
        for value, counter in zip(values, counted, strict=True):
            counter[value] += count
    groups = [
        (title, [_facet(key, value, count) for value, count in counter.most_common(MOST) if value])
        for (title, key, _), counter in zip(_KEYS, counted, strict=True)
    ]
    incidents = station_incidents.unresolved().filter(incident__network=network)
    needs = (
        Facet("incidents:>0", "Open incidents", incidents.values("station").distinct().count()),
        Facet("drift:yes", "Differs from a template", len(drift_reading.counts(network))),
    )
    groups.insert(1, ("Needs a look", [facet for facet in needs if facet.count]))
    return [(title, found) for title, found in groups if found]


def _facet(key: str, value: str, count: int) -> Facet:
    word = Connectivity(value).label if key == "connection" else value
    return Facet(str(Token(key, "", value)), word, count)
