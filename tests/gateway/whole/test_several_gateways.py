"""Several gateway processes on one port, with Redis between them and without."""

import time
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from sessions.models import ChargingSession
from stations.models import CommandState, Connectivity
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of
from tests.gateway.whole.charger import refusal
from tests.gateway.whole.presence import connection, connectivity, presence
from tests.gateway.whole.proxy import Proxy, to_redis

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 500, "timestamp": "2026-01-15T10:00:00Z"}
STOP = {"meterStop": 2000, "timestamp": "2026-01-15T11:00:00Z"}


@pytest.fixture(scope="module")
def way_to_redis(background):
    with Proxy(background, to_redis()) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def redis_url(way_to_redis):
    address = urlsplit(settings.REDIS_URL)
    account = address.netloc.rpartition("@")[0]
    return address._replace(netloc=f"{account}@127.0.0.1:{way_to_redis.port}").geturl()


@pytest.fixture(scope="module")
def gateways(redis_url, make_gateway):
    """Two processes that share a port."""
    first = make_gateway(REDIS_URL=redis_url, EMOBI_OFFLINE_GRACE_S="1")
    return first, make_gateway(port=first.port, REDIS_URL=redis_url, EMOBI_OFFLINE_GRACE_S="1")


@pytest.fixture
def server():
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def connect_at(process, known):
    """Connect until the kernel has chosen that process."""
    while True:
        charger = known.connect(process)
        if connection(known).gateway == process.name:
            return charger
        charger.__exit__()


def accept(charger, command):
    """Hear the command, as the next that is asked, and accept it."""
    assert charger.next_call()[1] == command.pk
    charger.send([3, command.pk, {"status": "Accepted"}])
    assert end_of(command) == CommandState.ACCEPTED


def guess(process, known, address):
    wrong = {"user": known.station.identity, "password": "wrong wrong wrong", "address": address}
    return refusal(process, known.path, **wrong).status_code


def counted_alone(gateways):
    return sum(process.log.count("failed sign-ins are counted in this process alone") for process in gateways)


def test_failed_sign_ins_are_counted_for_both_together(gateways, register):
    known = register()
    first, second = gateways
    # After Redis was away, as in another test, each process counts alone for a few seconds, and says so.
    for number in range(20, 30):
        told = [guess(first, known, f"127.0.0.{number}") for _ in range(14)]
        if told[10:] != [401] * 4 or not counted_alone(gateways):
            break
        time.sleep(1)
    assert told[:10] == [401] * 10
    # The process that hasn't seen the tenth sees one more, whenever it is asked next.
    assert sorted(told[10:]) in ([429] * 4, [401, *[429] * 3])
    with known.connect(first, address="127.0.0.4"), known.connect(second, address="127.0.0.4"):
        pass


def is_listening(server, process):
    group = f"emobi__group__gateway.{process.name}"
    return dict(server.pubsub_numsub(group))[group.encode()] > 0


def test_a_command_reaches_its_station_wherever_it_is(gateways, alpha):
    for process in gateways:
        with connect_at(process, alpha) as charger:
            accept(charger, ask(alpha.station, "clear_cache"))


def test_a_station_that_connects_to_another_process_is_there_alone(gateways, alpha):
    first, second = gateways
    with connect_at(first, alpha) as older, connect_at(second, alpha) as newer:
        assert older.closed_with()[0] == 1001
        accept(newer, ask(alpha.station, "clear_cache"))
        told = presence(alpha)
    assert "taken_over" in told
    assert "offline" not in told


def test_what_the_older_socket_was_asked_is_not_asked_again(gateways, alpha):
    first, second = gateways
    with connect_at(first, alpha) as older:
        command = ask(alpha.station, "clear_cache")
        assert older.next_call()[1] == command.pk
        with connect_at(second, alpha) as newer:
            assert end_of(command) == CommandState.UNKNOWN
            accept(newer, ask(alpha.station, "clear_cache"))


def test_a_redis_that_was_emptied_is_no_loss(gateways, server, alpha):
    with connect_at(gateways[0], alpha) as charger:
        server.flushall()
        accept(charger, ask(alpha.station, "clear_cache"))
        # Another test may have cut the way to Redis just before.
        until(lambda: all(is_listening(server, process) for process in gateways))
        assert connectivity(alpha) == Connectivity.ONLINE
        assert "offline" not in presence(alpha)


def test_without_redis_all_goes_on_a_little_later(gateways, way_to_redis, server, alpha):
    first, second = gateways
    with connect_at(first, alpha) as older:
        way_to_redis.cut()
        try:
            accept(older, ask(alpha.station, "clear_cache"))
            with connect_at(second, alpha) as newer:
                assert older.closed_with()[0] == 1001
                accept(newer, ask(alpha.station, "clear_cache"))
                newer.heartbeat()
        finally:
            way_to_redis.mend()
    until(lambda: all(is_listening(server, process) for process in gateways))
    with connect_at(first, alpha) as charger:
        accept(charger, ask(alpha.station, "clear_cache"))


def test_a_redis_that_swallows_everything_holds_nobody_up(
    gateways, way_to_redis, redis_url, server, settings, register
):
    """Nothing breaks, so whoever waited for it without a deadline would wait for as long as that lasts."""
    layer = settings.CHANNEL_LAYERS["default"]
    config = {**layer["CONFIG"], "hosts": [redis_url]}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": config}}  # whoever asks waits for it as little
    process = gateways[0]
    stays, goes = register("stays"), register("goes")
    with connect_at(process, stays) as charger:
        way_to_redis.swallow()
        try:
            with connect_at(process, goes) as other:
                assert other.boot()["status"] == "Accepted"
            assert guess(process, goes, "127.0.0.6") == 401
            assert charger.boot()["status"] == "Accepted"
            transaction = charger.call("StartTransaction", START)["transactionId"]
            charger.call("StopTransaction", STOP | {"transactionId": transaction})
            accept(charger, ask(stays.station, "clear_cache"))
            charger.heartbeat()
            # Presence is in rows, not in Redis: also this is seen meanwhile.
            until(lambda: connectivity(goes) == Connectivity.OFFLINE)
        finally:
            way_to_redis.mend()
        until(lambda: all(is_listening(server, each) for each in gateways))
        accept(charger, ask(stays.station, "clear_cache"))
        with connect_at(gateways[1], goes):
            until(lambda: connectivity(goes) == Connectivity.ONLINE)
        assert connectivity(stays) == Connectivity.ONLINE
        assert "offline" not in presence(stays)
        assert [kind for kind in presence(goes) if kind.endswith("line")][-2:] == ["offline", "online"]
    assert ChargingSession.objects.get(station=stays.station).energy_wh == 1500


def test_a_process_that_starts_without_redis_finds_it_later(way_to_redis, redis_url, make_gateway, server):
    way_to_redis.cut()
    try:
        process = make_gateway(REDIS_URL=redis_url)
    finally:
        way_to_redis.mend()
    until(lambda: is_listening(server, process))
