"""What a station is made of, as far as it told."""

from collections.abc import Sequence
from dataclasses import dataclass

from stations import selectors
from stations.models import Station


@dataclass(frozen=True, kw_only=True)
class Place:
    """A part of the station, with its components as far as it told, and how many variables each has."""

    name: str
    components: Sequence[tuple[str, int]]
    below: Sequence["Place"] = ()


def topology(station: Station) -> Place:
    """The station, its EVSEs and their connectors, as far as it told; one query."""
    counts = selectors.components(station)
    plugs = [connector for connector in station.connectors.all() if connector.evse_id]
    evse_ids = sorted(
        {plug.evse_id for plug in plugs} | {evse_id for evse_id, _ in counts if evse_id is not None}
    )

    def components(evse_id: int | None, connector_id: int | None) -> Sequence[tuple[str, int]]:
        return sorted(counts.get((evse_id, connector_id), {}).items())

    def connector_ids(evse_id: int) -> Sequence[int]:
        told = {connector_id for found, connector_id in counts if found == evse_id and connector_id}
        return sorted({plug.connector_id for plug in plugs if plug.evse_id == evse_id} | told)

    return Place(
        name=station.identity,
        components=components(None, None),
        below=[
            Place(
                name=f"EVSE {evse_id}",
                components=components(evse_id, None),
                below=[
                    Place(name=f"Connector {each}", components=components(evse_id, each))
                    for each in connector_ids(evse_id)
                ],
            )
            for evse_id in evse_ids
        ],
    )
