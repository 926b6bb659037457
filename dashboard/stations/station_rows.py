"""Stations as a list shows them: connection, connectors, what flows, when last heard. Three queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Prefetch, QuerySet

from dashboard import figures, statuses
from dashboard.stations import station_incidents
from dashboard.stations.status_bars import Bars
from dashboard.statuses import Group, Shown
from emobi.core import clock
from sessions import selectors as charging
from sessions.models import ChargingSession
from stations.models import Availability, Connection, Connectivity, Connector, Station

# Of a station, its connection and its connectors, what a row says; the rest is half of the reading.
_SAID = (
    "network", "identity", "name", "registration", "connectivity", "connectivity_since", "ocpp_version",
    "security_profile", "vendor", "model", "firmware_version", "serial_number", "site", "tags", "maintenance",
    "created_at", "network__security_profile", "connection__last_heard_at",
)  # fmt: skip
_OF_CONNECTORS = ("station", "evse_id", "connector_id", "status", "detail", "fault_id")


@dataclass(frozen=True, kw_only=True)
class StationRow:
    """A station, as its row shows it."""

    station: Station
    connection: Shown
    groups: tuple[Group, ...]
    sessions: int
    power_w: Decimal | None
    heard_at: datetime | None
    bars: Bars | None = None

    @property
    def incidents(self) -> Shown:
        """How many it has, if it was read with `station_incidents.weighed`."""
        return station_incidents.shown(self.station)

    @property
    def key(self) -> str:
        """What a live page calls it."""
        return f"station:{self.station.identity}"

    @property
    def values(self) -> dict[str, Any]:
        """Its cells, as a live page gets them."""
        return {
            "state": {"s": self.station.connectivity},
            "connection": self.connection.value,
            "since": clock.iso(self.station.connectivity_since),
            "strip": [group.value for group in self.groups],
            "kw": figures.kilo(self.power_w),
            "sessions": str(self.sessions),
            "incidents": self.incidents.value,
            "heard": clock.iso(self.heard_at),
            "version": self.station.ocpp_version or figures.UNKNOWN,
            "vendor": self.station.vendor or figures.UNKNOWN,
            "model": self.station.model,
            "firmware": self.station.firmware_version or figures.UNKNOWN,
        }


def narrowed(found: QuerySet[Station]) -> QuerySet[Station]:
    """Stations, their connections and connectors with no more than rows say; more would be a query each."""
    connectors = Connector.objects.only(*_OF_CONNECTORS).order_by("evse_id", "connector_id")
    return (
        found.select_related("network", "connection")
        .only(*_SAID)
        .prefetch_related(None)
        .prefetch_related(Prefetch("connectors", connectors))
    )


def of(stations: Sequence[Station], bars: Mapping[int, Bars] | None = None) -> list[StationRow]:
    """The rows of stations that came with their connections and connectors; one more query."""
    running = charging.active_sessions([station.pk for station in stations])
    return [of_one(station, running[station.pk], (bars or {}).get(station.pk)) for station in stations]


def connection_of(station: Station) -> Connection | None:
    """The newest socket of a station, or None if it never had one."""
    try:
        return station.connection
    except ObjectDoesNotExist:
        return None


def of_one(station: Station, running: Sequence[ChargingSession], bars: Bars | None = None) -> StationRow:
    """The row of a station where these sessions run."""
    connection = connection_of(station)
    away = station.connectivity in (Connectivity.OFFLINE, Connectivity.NEVER)
    return StationRow(
        station=station,
        connection=statuses.CONNECTIVITY[Connectivity(station.connectivity)],
        groups=statuses.grouped(_states(station, running)),
        sessions=len(running),
        # What flows at a station that says nothing isn't known.
        power_w=None if away else _total(running),
        heard_at=connection.last_heard_at if connection else None,
        bars=bars,
    )


def _states(station: Station, running: Iterable[ChargingSession]) -> list[Shown]:
    """Those of its connectors; of the station itself only a fault, which no connector need repeat."""
    doing = {session.evse_id: session.charging_state for session in running}
    return [
        statuses.of_connector(connector, doing.get(connector.evse_id, ""))
        for connector in station.connectors.all()
        if connector.evse_id or connector.status == Availability.FAULTED
    ]


def _total(running: Iterable[ChargingSession]) -> Decimal:
    return sum((session.power_w for session in running if session.power_w is not None), Decimal(0))
