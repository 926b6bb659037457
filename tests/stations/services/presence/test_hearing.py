"""Stations that are heard, while others write of them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from emobi.core import clock, unit_of_work
from emobi.core.models import Network
from stations.models import Connection, Connectivity, GatewayProcess, Station
from stations.services.presence import connections, connectivity

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    """A station that was offline, with a socket at a process that is alive."""
    now = clock.now()
    network = Network.objects.create(slug="grid", name="Grid")
    station = Station.objects.create(network=network, identity="alpha", connectivity=Connectivity.OFFLINE)
    GatewayProcess.objects.create(name="g", host="h", pid=1, lease_until=now + timedelta(hours=1))
    Connection.objects.create(
        station=station, epoch=3, gateway="g", ocpp_version="1.6", security_profile=0, opened_at=now,
        last_heard_at=now,
    )  # fmt: skip
    return station


def meanwhile(change, then):
    """Do ``then`` while another has made a change and not committed it; what it returns."""
    changed, told = threading.Event(), []

    def waiting() -> None:
        try:
            changed.wait()
            told.append(then())
        finally:
            connection.close()

    waiter = threading.Thread(target=waiting)
    waiter.start()
    with transaction.atomic():
        change()
        changed.set()
        # It waits for the row by now, or will.
        waiter.join(0.3)
        assert not told
    waiter.join()
    return told[0]


def hear(station, epoch=3):
    at = clock.now() + timedelta(minutes=1)
    with unit_of_work.begin():
        speaking, _ = connections.hear([(station.pk, epoch, at)])
    return speaking, at


def test_a_socket_whose_row_has_moved_meanwhile_is_heard(heard):
    def move() -> None:
        Connection.objects.update(close_reason="x" * 100, gateway="g")

    speaking, at = meanwhile(move, lambda: hear(heard))
    assert speaking == {(heard.pk, 3)}
    kept = Connection.objects.get()
    assert (kept.last_heard_at, kept.close_reason) == (at, "x" * 100)


def test_a_socket_that_was_replaced_meanwhile_is_not(heard):
    before = Connection.objects.get().last_heard_at
    speaking, _ = meanwhile(lambda: Connection.objects.update(epoch=4), lambda: hear(heard))
    assert speaking == set()
    assert Connection.objects.get().last_heard_at == before


def test_a_socket_that_was_closed_meanwhile_is_not(heard):
    speaking, _ = meanwhile(lambda: Connection.objects.update(closed_at=clock.now()), lambda: hear(heard))
    assert speaking == set()


def test_a_station_whose_row_has_moved_meanwhile_comes_back(heard):
    def come_back() -> None:
        with unit_of_work.begin():
            connectivity.come_back([(heard, clock.now())])

    meanwhile(lambda: Station.objects.update(vendor="Volt" * 20), come_back)
    kept = Station.objects.get()
    assert (kept.connectivity, kept.vendor) == (Connectivity.ONLINE, "Volt" * 20)


def test_a_station_that_came_back_meanwhile_is_told_of_once(heard):
    def come_back() -> None:
        with unit_of_work.begin():
            connectivity.come_back([(heard, clock.now())])

    meanwhile(lambda: Station.objects.update(connectivity=Connectivity.ONLINE), come_back)
    assert not heard.network.events.filter(type="station.online").exists()


def test_a_station_whose_older_socket_ended_while_a_newer_one_opens_is_online(heard):
    Station.objects.update(connectivity=Connectivity.ONLINE)

    def end() -> None:
        Connection.objects.update(closed_at=clock.now())
        Station.objects.update(connectivity=Connectivity.OFFLINE)

    def open_another() -> list[int]:
        opening = connections.Opening(
            station_id=heard.pk, at=clock.now(), gateway="g", version="1.6", security_profile=0,
            remote_address="", tls_version="",
        )  # fmt: skip
        return connections.open_sockets([opening])

    assert meanwhile(end, open_another) == [4]
    assert Station.objects.get().connectivity == Connectivity.ONLINE
    assert list(heard.network.events.values_list("type", flat=True)) == [
        "station.connected",
        "station.online",
    ]
