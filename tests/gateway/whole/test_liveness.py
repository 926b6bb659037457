"""Who is online, silent or offline; and whose fault it was."""

import socket
import time
from contextlib import ExitStack

import pytest

from emobi.core.models import Event
from stations.models import Command, Connection, Connectivity
from tests.gateway.listener_process import RawStation, until, upgrade
from tests.gateway.whole.asking import ask
from tests.gateway.whole.charger import basic
from tests.gateway.whole.presence import connectivity, presence

ONLINE, SILENT, OFFLINE = Connectivity.ONLINE, Connectivity.SILENT, Connectivity.OFFLINE
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


@pytest.fixture(scope="module")
def gateway(make_gateway):
    process = make_gateway(
        EMOBI_PING_INTERVAL_S="1",
        EMOBI_OFFLINE_GRACE_S="1",
        EMOBI_MISSED_HEARTBEATS="2",
        EMOBI_CALL_TIMEOUT_S="3",
    )
    yield process
    assert "Traceback" not in process.log


def test_a_socket_that_is_closed_makes_a_station_silent_and_then_offline(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.heartbeat()
        assert connectivity(alpha) == ONLINE
    until(lambda: connectivity(alpha) == SILENT)
    until(lambda: connectivity(alpha) == OFFLINE)
    assert presence(alpha) == ["connected", "online", "disconnected", "offline"]
    offline = Event.objects.get(network=alpha.station.network, type="station.offline")
    assert offline.data["reason"] == "connection closed (1000)"
    with alpha.connect(gateway):
        until(lambda: connectivity(alpha) == ONLINE)
    assert presence(alpha)[4:6] == ["connected", "online"]


def test_a_socket_that_is_lost_makes_a_station_offline_within_seconds(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.vanish()
        until(lambda: connectivity(alpha) == OFFLINE)
    closed = Connection.objects.get(pk=alpha.station.pk)
    assert (closed.close_code, closed.by_us) == (1006, False)


def test_who_comes_back_at_once_was_never_offline(gateway, simulate):
    sim = simulate(gateway)
    epoch = Connection.objects.get(pk=sim.known.station.pk).epoch
    sim.do(sim.station.drop())
    until(lambda: Connection.objects.get(pk=sim.known.station.pk).epoch > epoch)
    until(lambda: connectivity(sim.known) == ONLINE)
    assert "offline" not in presence(sim.known)


def lifeless(gateway, known):
    """A socket that answers nothing, not even pings."""
    credentials = basic(**known.credentials)["Authorization"]
    sock = socket.create_connection(("127.0.0.1", gateway.port), 20)
    sock.sendall(
        upgrade(b"Sec-WebSocket-Protocol: ocpp1.6", f"Authorization: {credentials}".encode(), path=known.path)
    )
    return RawStation(sock)


def test_a_socket_that_answers_no_pings_is_dropped(gateway, alpha):
    with lifeless(gateway, alpha) as station:
        station.until_end()
        until(lambda: connectivity(alpha) == OFFLINE)
    assert presence(alpha) == ["connected", "online", "disconnected", "offline"]


def test_a_station_that_goes_silent_is_found_and_comes_back(gateway, simulate):
    sim = simulate(gateway)
    sim.background.loop.call_soon_threadsafe(sim.station.go_silent)
    until(lambda: connectivity(sim.known) == OFFLINE)


def test_a_station_may_answer_no_pings_by_its_quirk(gateway, register):
    known = register(quirks={"ping_interval_s": 0})
    with lifeless(gateway, known):
        time.sleep(3)  # longer than a ping and its time-out
        assert connectivity(known) == ONLINE


def test_a_station_is_pinged_as_rarely_as_its_quirk_says(gateway, register):
    seldom, ordinary = register("seldom", quirks={"ping_interval_s": 3600}), register("ordinary")
    with lifeless(gateway, seldom):
        until(lambda: connectivity(seldom) == ONLINE)
        with lifeless(gateway, ordinary) as station:
            station.until_end()
            until(lambda: connectivity(ordinary) == OFFLINE)
        assert connectivity(seldom) == ONLINE
        assert presence(seldom) == ["connected", "online"]


@pytest.fixture
def brief(register):
    """A station that is to be heard every second."""
    return register("brief", heartbeat_interval_s=1)


def probe(charger):
    _, message_id, action, payload = charger.next_call()
    assert (action, payload) == ("TriggerMessage", {"requestedMessage": "Heartbeat"})
    return message_id


def test_a_silent_station_is_asked_before_any_alarm(gateway, brief):
    with brief.connect(gateway) as charger:
        charger.boot()
        message_id = probe(charger)
        assert connectivity(brief) == SILENT
        charger.send([3, message_id, {"status": "Accepted"}])
        until(lambda: connectivity(brief) == ONLINE)
        charger.heartbeat()
        assert presence(brief) == ["connected", "online"]


def test_any_message_is_a_sign_of_life(gateway, brief):
    with brief.connect(gateway) as charger:
        charger.boot()
        for _ in range(6):  # for longer than two heartbeats and a sweep
            charger.call("StatusNotification", STATUS)
            time.sleep(0.6)
        assert connectivity(brief) == ONLINE
        assert charger.asked == []


def test_a_station_that_refuses_the_question_is_there(gateway, brief):
    with brief.connect(gateway) as charger:
        charger.boot()
        charger.send([4, probe(charger), "NotImplemented", "", {}])
        until(lambda: connectivity(brief) == ONLINE)
        assert presence(brief) == ["connected", "online"]


def test_a_station_that_does_not_answer_the_question_is_offline_and_let_go(gateway, brief):
    with brief.connect(gateway) as charger:
        charger.boot()
        probe(charger)
        assert charger.closed_with()[0] == 1001
        offline = until(
            lambda: Event.objects.filter(network=brief.station.network, type="station.offline").first()
        )
    assert offline.data["reason"] == "missed heartbeats, and no answer to a probe"
    until(lambda: presence(brief) == ["connected", "online", "offline", "disconnected"])
    assert Command.objects.get(station=brief.station).state == "unknown"


def test_the_newest_socket_speaks_for_its_station(gateway, alpha):
    with alpha.connect(gateway) as older, alpha.connect(gateway, "2.0.1", address="127.0.0.2") as newer:
        assert older.closed_with()[0] == 1001
        newer.heartbeat()
        command = ask(alpha.station, "clear_cache")
        assert newer.next_call()[1] == command.pk
        newer.send([3, command.pk, {"status": "Accepted"}])
        newer.heartbeat()
        assert connectivity(alpha) == ONLINE
        assert presence(alpha) == ["connected", "online", "connected", "taken_over"]
    taken = Event.objects.get(network=alpha.station.network, type="station.taken_over")
    assert (taken.data["previous_address"], taken.data["remote_address"]) == ("127.0.0.1", "127.0.0.2")


def test_twenty_reconnects_in_a_row_are_no_outage(gateway, alpha):
    with ExitStack() as sockets:
        *older, newest = [sockets.enter_context(alpha.connect(gateway)) for _ in range(20)]
        assert [each.closed_with()[0] for each in older] == [1001] * 19
        newest.heartbeat()
        assert Connection.objects.get(pk=alpha.station.pk).closed_at is None
        assert presence(alpha) == ["connected", "online", *["connected", "taken_over"] * 19]
