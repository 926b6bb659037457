from datetime import timedelta

import pytest
from django.db.models.functions import Now

from emobi.core.errors import NotFound
from stations import selectors
from stations.models import Connection, Connector, Deviation, GatewayProcess, Station
from tests.statements import counted
from tests.stations.telling import NOON


def add(network, identity: str, **fields) -> Station:
    return Station.objects.create(network=network, identity=identity, **fields)


def plug(
    station: Station, evse_id: int, connector_id: int = 1, status: str = "Available", detail: str = ""
) -> None:
    Connector.objects.create(
        station=station, evse_id=evse_id, connector_id=connector_id, status=status, detail=detail,
        changed_at=NOON, reported_at=NOON,
    )  # fmt: skip


def names(network, **filters) -> list[str]:
    return [station.identity for station in selectors.stations(network, **filters)]


def test_stations_come_by_identity_whatever_its_case(network, stranger):
    for identity in ("b", "C", "a", "D"):
        add(network, identity)
    assert names(network) == ["a", "b", "C", "D"]


def test_pages_follow_each_other(network):
    for identity in ("b", "C", "a", "D"):
        add(network, identity)
    page = list(selectors.stations(network)[:2])
    assert names(network, after=page[-1].sort_key) == ["C", "D"]


def test_each_filter_holds_alone_and_with_others(network):
    one = add(
        network, "CP1", connectivity="online", ocpp_version="1.6", vendor="Wallworks", model="W1",
        firmware_version="1.0", serial_number="S-77", site="Harbour",
    )  # fmt: skip
    two = add(network, "CP2", connectivity="offline", ocpp_version="2.0.1", vendor="Posts", model="P9")
    plug(one, 1, status="Faulted")
    plug(one, 2)
    plug(two, 1, status="Occupied", detail="SuspendedEV")
    plug(two, 0, 0, status="Unavailable")
    cases = [
        ({"connectivity": "online"}, ["CP1"]),
        ({"connectivity": "never"}, []),
        ({"version": "2.0.1"}, ["CP2"]),
        ({"vendor": "WALLWORKS"}, ["CP1"]),
        ({"model": "p9"}, ["CP2"]),
        ({"firmware": "1.0"}, ["CP1"]),
        ({"status": "Faulted"}, ["CP1"]),
        ({"status": "Available"}, ["CP1"]),
        ({"status": "SuspendedEV"}, ["CP2"]),
        ({"status": "Unavailable"}, []),
        ({"q": "cp"}, ["CP1", "CP2"]),
        ({"q": "s-77"}, ["CP1"]),
        ({"q": "harbour"}, ["CP1"]),
        ({"q": "POST"}, ["CP2"]),
        ({"q": "%"}, []),
        ({"q": "cp", "connectivity": "offline", "status": "Occupied"}, ["CP2"]),
        ({"q": "cp", "connectivity": "offline", "status": "Faulted"}, []),
    ]
    for filters, expected in cases:
        assert names(network, **filters) == expected, filters


def test_a_list_costs_the_same_queries_however_long_it_is(network, django_assert_num_queries):
    for number in range(20):
        station = add(network, f"CP{number}")
        plug(station, 1)
        Connection.objects.create(
            station=station, epoch=1, gateway="g", ocpp_version="1.6", security_profile=1, opened_at=NOON,
            last_heard_at=NOON,
        )  # fmt: skip
    with django_assert_num_queries(2):
        for station in selectors.stations(network):
            assert station.connection.last_heard_at == NOON
            assert selectors.evses(station.connectors.all())
            assert station.profile == 1


def test_a_station_is_found_in_whatever_case(network, alpha, stranger):
    assert selectors.station(network, "ALPHA") == alpha
    for identity in ("stranger", "alph", "alpha ", ""):
        with pytest.raises(NotFound):
            selectors.station(network, identity)


def test_connectors_come_by_evse_and_without_the_station_itself(network, alpha):
    for place in ((2, 1), (1, 2), (0, 0), (1, 1)):
        plug(alpha, *place)
    found = selectors.evses(selectors.station(network, "alpha").connectors.all())
    assert [(evse.evse_id, [plug.connector_id for plug in evse.connectors]) for evse in found] == [
        (1, [1, 2]),
        (2, [1]),
    ]


def test_deviations_come_by_how_often_they_were_seen(alpha, bravo):
    for station, path, count in ((alpha, "a", 1), (alpha, "b", 5), (bravo, "c", 9)):
        Deviation.objects.create(
            station=station, action="X", path=path, rule="r", count=count, first_at=NOON, last_at=NOON
        )
    assert [found.path for found in selectors.deviations(alpha)] == ["b", "a"]


def test_gateways_count_while_their_lease_holds(db):
    for name, seconds, stopped_at in (("lives", 30, None), ("died", -1, None), ("stopped", 30, NOON)):
        GatewayProcess.objects.create(
            name=name, host="h", pid=1, lease_until=Now() + timedelta(seconds=seconds), stopped_at=stopped_at
        )
    assert selectors.live_gateways() == 1


def test_columns_that_were_left_out_are_read_together(alpha):
    (partly,) = Station.objects.only("id", "identity").filter(pk=alpha.pk)
    with counted() as sent:
        assert (partly.vendor, partly.model, partly.tags) == (alpha.vendor, alpha.model, alpha.tags)
        assert partly.flags == alpha.flags
    assert len(sent) == 1
