"""What live pages show, read from the database: values by topic, key and field.

A page subscribes to topics; the elements that it changes are named by key and field:

    fleet              key "kpi"
    waiting            key "waiting": what the main navigation counts
    station:IDENTITY   the station's row, by the same key
    page:IDENTITY      its row, connectors, newest commands and sessions; and of each part its shape
"""

from collections.abc import Collection, Mapping
from typing import Any

from dashboard import figures, places
from dashboard.station import station_page
from dashboard.stations import fleet, station_rows
from emobi.core.models import Network
from stations import selectors
from stations.models import Station

FLEET = "fleet"
WAITING = "waiting"

type Values = Mapping[str, Mapping[str, Any]]


def about(topics: Collection[str], identities: Collection[str]) -> frozenset[str]:
    """Those of the topics that change when these stations do; those of the whole network do with any."""
    if not identities:
        return frozenset()
    return frozenset(
        topic for topic in topics if topic in (FLEET, WAITING) or topic.partition(":")[2] in identities
    )


def read(network: Network, topics: Collection[str]) -> dict[str, Values]:
    """The values of each topic; a station that isn't there has none."""
    rows = _identities("station", topics)
    pages = _identities("page", topics)
    values: dict[str, Values] = {}
    if FLEET in topics:
        values[FLEET] = {"kpi": fleet.read(network.pk).values}
    if WAITING in topics:
        values[WAITING] = {"waiting": places.waiting(network.pk)}
    if rows:
        for row in station_rows.of(_stations(network, rows)):
            values[row.key] = {row.key: row.values}
    if pages:
        for station in _stations(network, pages):
            values[f"page:{station.identity}"] = _page(station_page.of(station))
    return values


def _page(now: station_page.Now) -> Values:
    state = {"s": now.station.connectivity}
    values: dict[str, dict[str, Any]] = {
        now.row.key: now.row.values,
        "evses": {"state": state},
        **{card.key: card.values for card in now.cards},
        **{life.key: life.values for life in now.lives},
        **{f"session:{each.pk}": {"energy": figures.energy(each.energy_wh)} for each in now.sessions},
    }
    for part, shape in now.shapes.items():
        values[part] = {**values.get(part, {}), "shape": shape}
    return values


def _stations(network: Network, identities: Collection[str]) -> list[Station]:
    return list(selectors.stations(network).filter(identity__in=identities))


def _identities(kind: str, topics: Collection[str]) -> set[str]:
    return {name for found, _, name in (topic.partition(":") for topic in topics) if found == kind}
