"""What live pages show, read from the database: values by topic, key and field.

A page subscribes to topics; the elements that it changes are named by key and field:

    fleet              key "kpi", and key "storm": since when, and what of
    measures           key "measures": commands, messages, webhooks, incidents
    waiting            key "waiting": what the main navigation counts; key "alarm": critical incidents that
                       nobody has acknowledged
    station:IDENTITY   the station's row, by the same key
    incident:ID        an incident's row, by the same key
    incident-page:ID   by the same key the shape of the page of one
    incident-tabs:LOGIN  key "incident-tabs": how many each tab of the list has for this person
    charge:IDENTITY    keys "session:ID" and "charging:ID" of its newest charging sessions
    logs:IDENTITY      by the key "logs" the shape of its logs; firmware:IDENTITY the same of its updates
    page:IDENTITY      its row, connectors, newest commands and sessions; and of each part its shape
    list:QUERY|ROWS    key "list": what became of a list of stations since it was drawn with these rows
    sessions:QUERY|ROWS  the same of a list of charging sessions
    commands:QUERY|ROWS  the same of a list of commands
    incidents:LOGIN?QUERY|ROWS  the same of a list of incidents, as this person sees it
    lives:IDS          keys "command:ID" of these commands, of whichever stations
    attention:ROWS     the same of what needs attention
    wall               see `dashboard.live.wall_watch`
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from dashboard import figures, places
from dashboard.charging import session_rows, session_standing
from dashboard.commands import command_standing
from dashboard.incidents import incident_page, incident_rows, incident_standing
from dashboard.live.storms import StormWatch
from dashboard.live.wall_watch import WALL
from dashboard.overview import attention_standing, measures
from dashboard.station import evse_cards, firmware, logs, station_page
from dashboard.stations import fleet, standing, station_incidents, station_rows
from dashboard.stations.standing import Standing
from dashboard.stations.station_rows import StationRow
from emobi.core.models import Network
from stations import selectors
from stations.models import Station

FLEET = "fleet"
MEASURES = "measures"
WAITING = "waiting"

type Values = Mapping[str, Mapping[str, Any]]

# What a screen on a wall shows: it is told of nothing else, whatever it asks for.
_ON_WALLS = (FLEET, MEASURES, WAITING, WALL)

# Lists that stand still, by the kind of their topics: what became of one since it was drawn.
_STANDINGS: Mapping[str, Callable[[Network, str], Standing]] = {
    "list:": standing.of,
    session_standing.TOPIC: session_standing.of,
    command_standing.TOPIC: command_standing.of,
    incident_standing.TOPIC: incident_standing.of,
    attention_standing.TOPIC: attention_standing.of,
}


def about(topics: Collection[str], identities: Collection[str]) -> frozenset[str]:
    """Those of the topics that change when these stations do; those of the whole network do with any."""
    if not identities:
        return frozenset()
    return frozenset(
        topic
        for topic in topics
        if is_slow(topic) or topic.startswith(command_standing.LIVES) or topic.partition(":")[2] in identities
    )


def is_slow(topic: str) -> bool:
    """Whether it is about more than one station: it changes with any, and is read now and then only."""
    return topic in (FLEET, MEASURES, WAITING) or topic.startswith((*_STANDINGS, incident_standing.COUNTS))


def is_on_walls(topic: str) -> bool:
    """Whether a screen on a wall shows it."""
    return topic in _ON_WALLS or topic.startswith(attention_standing.TOPIC)


def read(network: Network, topics: Collection[str], storms: StormWatch | None = None) -> dict[str, Values]:
    """The values of each topic; a station that isn't there has none."""
    rows = _rows(network, topics)
    values: dict[str, Values] = {}
    if FLEET in topics:
        counted = fleet.read(network.pk)
        values[FLEET] = {"kpi": counted.values}
        if storms is not None:
            values[FLEET] = {**values[FLEET], "storm": storms.look(counted.stations)}
    if MEASURES in topics:
        values[MEASURES] = {"measures": measures.read(network).values}
    for topic in topics:
        for kind, standing_of in _STANDINGS.items():
            if topic.startswith(kind):
                values[topic] = {"list": standing_of(network, topic.removeprefix(kind)).values}
        if topic.startswith(command_standing.LIVES):
            values[topic] = command_standing.lives(network, topic.removeprefix(command_standing.LIVES))
        if topic.startswith(incident_standing.COUNTS):
            login = topic.removeprefix(incident_standing.COUNTS)
            values[topic] = {"incident-tabs": incident_standing.counts(network, login)}
    if WAITING in topics:
        values[WAITING] = {"waiting": places.waiting(network.pk), "alarm": incident_rows.alarm(network.pk)}
    if incidents := _identities("incident", topics):
        for shown in incident_rows.live(network, incidents):
            values[shown.key] = {shown.key: shown.values}
    if opened := _identities("incident-page", topics):
        for shown in incident_rows.live(network, opened):
            key = f"incident-page:{shown.incident.pk}"
            values[key] = {key: {"shape": incident_page.shape(shown.incident)}}
    for station in _named(network, "charge", topics):
        values[f"charge:{station.identity}"] = session_rows.live([station])
    for station in _named(network, "logs", topics):
        values[f"logs:{station.identity}"] = {"logs": {"shape": logs.shape_of(logs.newest(station))}}
    for station in _named(network, "firmware", topics):
        told = firmware.shape_of(station, firmware.newest(station))
        values[f"firmware:{station.identity}"] = {"firmware": {"shape": told}}
    for row in rows:
        values[row.key] = {row.key: row.values}
    for station in _named(network, "page", topics):
        values[f"page:{station.identity}"] = _page(station_page.of(station))
    return values


def _page(now: station_page.Now) -> Values:
    cards, sessions = station_page.cards(now), station_page.newest_sessions(now.station)
    state = {"s": now.station.connectivity}
    values: dict[str, dict[str, Any]] = {
        now.row.key: now.row.values,
        "evses": {"state": state, "shape": evse_cards.shape_of(cards)},
        "sessions": {"shape": station_page.shape_of(sessions)},
        **{card.key: card.values for card in cards},
        **{life.key: life.values for life in now.lives},
        **{f"session:{each.pk}": {"energy": figures.energy(each.energy_wh)} for each in sessions},
    }
    for part, shape in now.shapes.items():
        values[part] = {**values.get(part, {}), "shape": shape}
    return values


def _rows(network: Network, topics: Collection[str]) -> Sequence[StationRow]:
    """Of lists, twenty of which may show two thousand stations."""
    names = _identities("station", topics)
    if not names:
        return ()
    found = selectors.stations(network).filter(identity__in=names)
    return station_rows.of(list(station_rows.narrowed(station_incidents.weighed(found))))


def _named(network: Network, kind: str, topics: Collection[str]) -> list[Station]:
    names = _identities(kind, topics)
    if not names:
        return []
    return list(station_incidents.weighed(selectors.stations(network).filter(identity__in=names)))


def _identities(kind: str, topics: Collection[str]) -> set[str]:
    return {name for found, _, name in (topic.partition(":") for topic in topics) if found == kind}
