"""While the database is away nothing is answered, nothing is refused by mistake, and nothing is lost."""

import signal
from contextlib import ExitStack

import pytest
from django.db import transaction
from websockets.exceptions import InvalidStatus

from emobi.core.models import Event
from sessions.models import ChargingSession
from stations.models import Connection
from tests.gateway.listener_process import until
from tests.gateway.whole.charger import refusal
from tests.gateway.whole.gateway_process import database_url
from tests.gateway.whole.presence import connection
from tests.gateway.whole.proxy import Proxy, to_postgresql

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-01-15T10:00:00Z"}
HOLD_S = 2


@pytest.fixture(scope="module")
def way(background):
    """The way of the gateways to the database."""
    with Proxy(background, to_postgresql()) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def gateway(way, make_gateway):
    url = database_url(HOST="127.0.0.1", PORT=way.port)
    return make_gateway(DATABASE_URL=url, EMOBI_HOLD_S=str(HOLD_S), EMOBI_OFFLINE_GRACE_S="0")


@pytest.fixture(scope="module")
def patient(way, make_gateway):
    """One that waits as long as it takes."""
    return make_gateway(DATABASE_URL=database_url(HOST="127.0.0.1", PORT=way.port), EMOBI_HOLD_S="60")


def sessions(known):
    return ChargingSession.objects.filter(station=known.station)


def refused(process, known):
    """The refusal that says that the database is away; None if it doesn't."""
    response = refusal(process, known.path, **known.credentials)
    return response if response.status_code == 503 else None


def let_in(process, known):
    """A socket, once the database is back."""
    return until(lambda: _let_in(process, known))


def _let_in(process, known):
    try:
        return known.connect(process)
    except InvalidStatus as refusal:
        if refusal.response.status_code != 503:
            raise
        return None


def test_an_answer_waits_for_a_database_that_is_away_for_a_moment(patient, way, alpha):
    with let_in(patient, alpha) as charger:
        way.cut()
        try:
            charger.say("StartTransaction", START, "start")
            until(lambda: refused(patient, alpha))
            assert charger.hears_nothing(0.5)
        finally:
            way.mend()
        assert charger.answer_to("start")[0] == 3
        charger.heartbeat()
    assert sessions(alpha).count() == 1


def test_a_way_that_swallows_everything_is_noticed_though_nothing_breaks(gateway, way, alpha):
    with let_in(gateway, alpha) as charger:
        way.swallow()
        try:
            charger.say("StartTransaction", START, "start")
            until(lambda: refused(gateway, alpha))
            assert not charger.has_heard()
        finally:
            way.mend()
        assert charger.answer_to("start")[0] == 3
    assert sessions(alpha).count() == 1


def test_connections_that_break_are_made_again(patient, way, alpha):
    with let_in(patient, alpha) as charger:
        for _ in range(3):
            way.cut()
            way.mend()
            charger.heartbeat()


def test_who_waited_in_vain_is_let_go_and_finds_all_in_order_afterwards(gateway, way, register):
    fleet = [register(f"CP{number}") for number in range(15)]
    with ExitStack() as sockets:
        chargers = [sockets.enter_context(let_in(gateway, known)) for known in fleet]
        way.cut()
        try:
            for charger in chargers[:-1]:
                charger.say("StartTransaction", START, "start")
            chargers[-1].say("Authorize", {"idTag": "GOOD"})
            wait_s = int(until(lambda: refused(gateway, fleet[0])).headers["Retry-After"])
            assert 0 < wait_s <= 15
            # They are let go one by one, within half a minute; nobody is told an error.
            closed = until(lambda: [each for each in chargers if each.websocket.close_code])
            assert not any(charger.has_heard() for charger in chargers)
            assert {charger.closed_with() for charger in closed} == {(1013, "not available")}
        finally:
            way.mend()
        # Some don't wait to be let go.
        for charger, known in zip(chargers, fleet, strict=True):
            charger.vanish()
            back = sockets.enter_context(let_in(gateway, known))
            assert back.call("StartTransaction", START, "start")["transactionId"] > 0
            assert sessions(known).count() == 1
        assert not Event.objects.filter(network=fleet[0].station.network, type="station.offline").exists()


def test_who_needs_a_row_that_somebody_holds_is_let_go_and_others_are_answered(gateway, way, alpha, register):
    others = [register(f"CP{number}") for number in range(4)]
    with ExitStack() as sockets:
        charger = sockets.enter_context(let_in(gateway, alpha))
        neighbours = [sockets.enter_context(let_in(gateway, known)) for known in others]
        with transaction.atomic():
            Connection.objects.select_for_update().get(station=alpha.station)
            charger.say("StartTransaction", START, "start")
            for neighbour in neighbours:
                neighbour.say("Heartbeat", {}, "beat")
            assert charger.closed_with() == (1013, "not available")
            for neighbour in neighbours:
                assert neighbour.answer_to("beat")[0] == 3
        back = sockets.enter_context(let_in(gateway, alpha))
        assert back.call("StartTransaction", START, "start")["transactionId"] > 0
    assert sessions(alpha).count() == 1


def test_the_end_of_a_socket_is_noted_when_the_database_is_back(gateway, way, alpha):
    with let_in(gateway, alpha):
        noticed = gateway.log.count("answers wait for the database")
        way.cut()
    try:
        until(lambda: gateway.log.count("answers wait for the database") > noticed)
    finally:
        way.mend()
    until(lambda: connection(alpha).closed_at)
    assert connection(alpha).by_us


def test_a_process_ends_in_order_though_the_database_is_away(way, make_gateway, alpha):
    process = make_gateway(DATABASE_URL=database_url(HOST="127.0.0.1", PORT=way.port))
    with alpha.connect(process) as charger:
        way.cut()
        try:
            charger.say("Heartbeat", {})
            process.signal(signal.SIGTERM)
            assert charger.closed_with()[0] == 1012
            assert process.process.wait(20) == 0
        finally:
            way.mend()
