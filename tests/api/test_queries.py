"""Lists cost a number of queries that doesn't grow with their rows."""

import json

from django.db import connection
from django.test.utils import CaptureQueriesContext

from emobi.core import unit_of_work
from emobi.core.models import Role
from sessions.services import charging_sessions
from stations.models import Command, Connection, Connector, Deviation, Station
from stations.services.commanding import commands
from tests.api.calling import BASE, Caller, operations
from tests.api.furnishing import everything
from tests.api.growing import grow
from tests.sessions.profiles import DEFAULT, TX, install
from tests.sessions.said import meter_16, reading, start_16, tell
from tests.stations.telling import NOON
from tests.stations.test_message_log import exchange

MOST = 12
LISTS = {
    path.removeprefix(BASE)
    for method, path, operation in operations()
    if method == "GET" and "/Page_" in json.dumps(operation["responses"]["200"])
}
SHORT: set[str] = set()
READS = [path.removeprefix(BASE) for method, path, _ in operations() if method == "GET"]


def live(network, number: int) -> None:
    """A station that has done a bit of everything."""
    station = Station.objects.create(network=network, identity=f"CP{number}", ocpp_version="1.6")
    network.id_tokens.create(id_token=f"T{number}")
    Connection.objects.create(
        station=station, epoch=1, gateway="g", ocpp_version="1.6", security_profile=1, opened_at=NOON,
        last_heard_at=NOON,
    )  # fmt: skip
    for evse_id in (1, 2):
        Connector.objects.create(
            station=station, evse_id=evse_id, connector_id=1, changed_at=NOON, reported_at=NOON
        )
    Deviation.objects.create(
        station=station, action="A", path=f"p{number}", rule="r", first_at=NOON, last_at=NOON
    )
    did(station)


def did(station: Station) -> None:
    """A session, a reading, a message, a command and charging profiles of a station."""
    session = tell(charging_sessions.start, station, start_16(evse_id=None)).session
    tell(charging_sessions.meter, station, meter_16(session.transaction_id, reading(1, 1100)))
    exchange(station, 0)
    number = station.charging_profiles.count()
    install(station, 1, DEFAULT, number, stack_level=number)
    install(station, 1, TX, 1000, transaction_id=session.transaction_id)
    with unit_of_work.begin():
        commands.request(station.network, station, "clear_cache", {}, requested_by="user:a", role=Role.ADMIN)


def cost(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert caller.ask("GET", path).status_code == 200
    return len(queries)


def costs(caller: Caller, paths: dict[str, str]) -> dict[str, int]:
    return {template: cost(caller, path) for template, path in paths.items()}


def short(caller: Caller, paths: dict[str, str]) -> set[str]:
    """Lists that hold less than three, so that their cost says little."""
    told = {template: caller.ask("GET", path) for template, path in paths.items() if template in LISTS}
    return {template for template, answer in told.items() if len(answer.json()["items"]) < 3}


def test_a_read_costs_a_few_queries_however_many_rows_it_finds(admin, network):
    live(network, 0)
    made = everything(network)
    paths = {template: template.format(**made) for template in READS}
    station = Station.objects.get(identity="CP0")
    beside = [Station.objects.create(network=network, identity=f"ZZ{number}") for number in range(1, 4)]
    for number in (1, 2):
        grow(network, station, beside[number - 1], made, number)
    admin.get("/me")  # notes the key's use, once a minute
    first = costs(admin, paths)
    for number in range(1, 6):
        live(network, number)
        did(station)
        tell(charging_sessions.meter, station, meter_16("1", reading(number, 1100)))
    grow(network, station, beside[2], made, 3)
    assert costs(admin, paths) == first
    assert short(admin, paths) == SHORT
    assert {template: count for template, count in first.items() if count > MOST} == {}
    assert Command.objects.count() > 5
