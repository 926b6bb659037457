"""Fleets in the database: stations that are lost and come back, and looks at them by the clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from emobi.core import clock, events, unit_of_work
from emobi.core.models import Network
from sessions.services import incident_findings
from stations.models import Connection, GatewayProcess, IncidentRule, Station
from stations.services.incidents import rules
from tests.stations.telling import NOON


def look(at: datetime = NOON) -> None:
    """Every process's sweep, at this time by our clock."""
    with clock.at(at):
        incident_findings.sweep()


def rule(network: Network, kind: str, **changes: object) -> IncidentRule:
    """The rule that the network has for a kind, changed."""
    rules.seed(network)
    found = IncidentRule.objects.get(network=network, kind=kind)
    return rules.change(found, changes, by="user:alice") if changes else found


def fleet(
    network: Network, count: int, *, site: str = "", prefix: str = "10.0", first: int = 0
) -> list[Station]:
    """Stations that are online, each with a socket."""
    GatewayProcess.objects.get_or_create(
        name="gw-1",
        defaults={"host": "here", "pid": 1, "lease_until": NOON + timedelta(days=365)},
    )
    made = Station.objects.bulk_create(
        Station(
            network=network,
            identity=f"S{number:04}",
            connectivity="online",
            connectivity_since=NOON - timedelta(hours=1),
            site=site,
            vendor="Acme",
            model="One",
            firmware_version="1.0",
        )
        for number in range(first, first + count)
    )
    Connection.objects.bulk_create(
        Connection(
            station=station,
            epoch=1,
            gateway="gw-1",
            ocpp_version="1.6",
            security_profile=1,
            remote_address=f"{prefix}.{number // 200}.{number % 200 + 1}",
            opened_at=NOON - timedelta(hours=1),
            last_heard_at=NOON,
        )
        for number, station in enumerate(made, first)
    )
    return made


def lose(stations: Iterable[Station], at: datetime) -> None:
    """They are offline since then, as liveness has it."""
    _become(
        stations, at, "offline", events.StationOffline(reason="connection closed (1006)", last_heard_at=NOON)
    )


def bring_back(stations: Iterable[Station], at: datetime) -> None:
    """They are here again."""
    _become(stations, at, "online", events.StationOnline(offline_s=60.0))


def _become(stations: Iterable[Station], at: datetime, connectivity: str, event: events.Event) -> None:
    with clock.at(at), unit_of_work.begin():
        for station in stations:
            Station.objects.filter(pk=station.pk).update(connectivity=connectivity, connectivity_since=at)
            events.record(station.subject, event)
