"""The contract of the charger port towards the ASGI application, and the life of its process."""

import json
import signal
import socket
import struct
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.gateway.listener_process import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    ListenerProcess,
    RawStation,
    frame,
    status_and_body,
    until,
    until_end,
    upgrade,
)


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("listener"), options={"write_timeout_s": 1}) as process:
        yield process


def scope_of(listener: ListenerProcess, *headers: bytes, path: str) -> Any:
    with listener.open(*headers, path=path) as station:
        station.send(frame(TEXT, b"scope"))
        return json.loads(station.receive()[1])


def closure(connection: ClientConnection) -> tuple[int, str] | None:
    """Code and reason with which the listener closed."""
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv()
    close = closed.value.rcvd
    return None if close is None else (close.code, close.reason)


# What the application sees


def test_the_scope_tells_the_request_as_it_came(listener):
    scope = scope_of(
        listener,
        b"Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6",
        b"Sec-WebSocket-Protocol: mqtt",
        path="/ocpp/net//C%2FP%201?a=b&c",
    )
    assert scope["type"] == "websocket"
    assert scope["scheme"] == "ws"
    assert scope["http_version"] == "1.1"
    assert scope["raw_path"] == "/ocpp/net//C%2FP%201"
    assert scope["path"] == "/ocpp/net//C/P 1"
    assert scope["query_string"] == "a=b&c"
    assert scope["subprotocols"] == ["ocpp2.0.1", "ocpp1.6", "mqtt"]
    assert scope["client"][0] == "127.0.0.1"
    assert scope["server"] == ["127.0.0.1", listener.port]
    assert set(scope["extensions"]) == {"websocket.http.response", "emobi.ping"}


def test_a_repeated_header_is_there_twice_and_one_with_an_underscore_not_at_all(listener):
    scope = scope_of(
        listener,
        b"Authorization: Basic QTpC",
        b"Authorization: Basic QzpE",
        b"X_Forwarded_For: 10.0.0.1",
        path="/ocpp/net/CP1",
    )
    presented = [value for name, value in scope["headers"] if name == "authorization"]
    assert presented == ["Basic QTpC", "Basic QzpE"]
    assert not [name for name, _ in scope["headers"] if "_" in name]


@pytest.mark.parametrize("target", ["ws://emobi:9000/ocpp/net/CP1?q", "HTTP://emobi/ocpp/net/CP1?q"])
def test_a_whole_url_as_the_request_target_counts_as_its_path(listener, target):
    scope = scope_of(listener, path=target)
    assert (scope["raw_path"], scope["query_string"]) == ("/ocpp/net/CP1", "q")


def test_bytes_and_text_stay_apart(listener):
    with listener.open() as station:
        station.send(frame(BINARY, b"\0\1"), frame(TEXT, '[2,"ü"]'.encode()))
        assert station.receive() == (TEXT, b"2 bytes")
        assert station.receive() == (TEXT, '[2,"ü"]'.encode())


# Refusals


@pytest.mark.parametrize(
    ("status", "name", "value"),
    [
        (401, "WWW-Authenticate", 'Basic realm="ocpp"'),
        (429, "Retry-After", "7"),
        (404, "Connection", "close"),
    ],
)
def test_the_application_chooses_the_answer_to_the_handshake(listener, status, name, value):
    with pytest.raises(InvalidStatus) as refused, listener.connect(f"/status/{status}"):
        pass
    response = refused.value.response
    assert response.status_code == status
    assert response.headers[name] == value
    assert response.body == b"first, second"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/forbidden", 403), ("/broken", 500), ("/unborn", 500), ("/foreign", 500), ("/status/299", 299)],
    ids=[
        "closed",
        "raised",
        "not even begun",
        "a subprotocol that wasn't offered",
        "a status without a name",
    ],
)
def test_a_handshake_that_is_not_accepted_gets_a_status(listener, path, status):
    with pytest.raises(InvalidStatus) as refused, listener.connect(path):
        pass
    assert refused.value.response.status_code == status


def test_an_application_that_does_not_decide_is_decided_for(tmp_path):
    options = {"decision_timeout_s": 1}
    with ListenerProcess(tmp_path, options=options) as listener, listener.dial() as sock:
        sock.sendall(upgrade(path="/undecided"))
        assert status_and_body(until_end(sock)) == (503, "Service Unavailable\n")


def test_the_first_subprotocol_is_echoed_alone(listener):
    with listener.connect(subprotocols=["OCPP1.6J", "ocpp2.0.1"]) as station:
        assert station.subprotocol == "OCPP1.6J"


def test_without_a_subprotocol_none_is_answered(listener):
    with listener.open() as station:
        assert b"sec-websocket-protocol" not in station.head.lower()


@pytest.mark.parametrize("together", [True, False])
def test_what_a_hasty_station_sends_before_the_101_is_served_after_it(listener, together):
    hello = frame(TEXT, b"hello")
    with listener.dial() as sock:
        for octets in [upgrade() + hello] if together else [upgrade(), hello]:
            sock.sendall(octets)
        assert RawStation(sock).receive() == (TEXT, b"hello")


def test_a_station_that_floods_the_undecided_handshake_is_cut_off(listener):
    with listener.dial() as sock:
        sock.sendall(upgrade(path="/undecided"))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            sock.sendall(bytes(16 << 20))


# Closing


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1008, 1009, 1011, 1012, 1013, 4001])
def test_the_application_closes_with_any_code_and_reason(listener, code):
    with listener.connect() as station:
        station.send(f"close {code} grüße")
        assert closure(station) == (code, "grüße")


def test_a_long_reason_is_cut_between_characters(listener):
    with listener.connect() as station:
        station.send("close 1008 " + "ü" * 100)
        assert closure(station) == (1008, "ü" * 61)


def test_a_broken_application_closes_with_1011(listener):
    with listener.connect() as station:
        station.send("raise")
        assert closure(station) == (1011, "")
    assert until(lambda: "RuntimeError: broken on purpose" in listener.log)


def left(listener: ListenerProcess, path: str, *farewell: bytes) -> tuple[int, str]:
    """What the application is told when a station leaves after ``farewell``."""
    with listener.open(path=path) as station:
        station.send(*farewell)
    event = listener.disconnection(path)
    return event["code"], event["reason"]


def test_the_application_learns_the_station_s_code_and_reason(listener):
    goodbye = frame(CLOSE, struct.pack("!H", 4002) + "grüße".encode())
    assert left(listener, "/leaves/politely", goodbye) == (4002, "grüße")


def test_a_close_without_a_code_is_1005(listener):
    assert left(listener, "/leaves/silently", frame(CLOSE)) == (1005, "")


def test_a_lost_connection_is_1006(listener):
    code, _ = left(listener, "/leaves/suddenly")
    assert code == 1006


def test_the_application_learns_why_we_broke_off(listener):
    assert left(listener, "/leaves/damaged", frame(3))[0] == 1002


def test_the_application_learns_that_a_station_left_before_the_answer(listener):
    with listener.dial() as sock:
        sock.sendall(upgrade(path="/undecided/1"))
        until(lambda: listener.journal("/undecided/1"))
    assert listener.disconnection("/undecided/1")["code"] == 1006


# Pings


@pytest.fixture(scope="module")
def nervous_listener(tmp_path_factory):
    options = {"ping_interval_s": 0.2, "ping_timeout_s": 0.4}
    with ListenerProcess(tmp_path_factory.mktemp("nervous"), options=options) as process:
        yield process


def test_a_station_that_answers_no_ping_is_taken_for_lost(nervous_listener):
    with nervous_listener.open(path="/dead") as station:
        assert station.receive() == (PING, b"")
        with pytest.raises(EOFError):
            station.receive()
    assert nervous_listener.disconnection("/dead")["code"] == 1006


@pytest.mark.parametrize("sign_of_life", [frame(PONG), frame(TEXT, b"still here")], ids=["pong", "message"])
def test_any_sign_of_life_answers_a_ping(nervous_listener, sign_of_life):
    pings = 0
    with nervous_listener.open() as station:
        while pings < 4:
            opcode, _ = station.receive()
            if opcode == PING:
                pings += 1
                station.send(sign_of_life)


def test_a_station_that_answers_no_pings_by_nature_is_left_alone(nervous_listener):
    with nervous_listener.open(path="/quirk") as quirk, nervous_listener.open(path="/dead/2") as dead:
        quirk.send(frame(TEXT, b"ping 0"))
        assert quirk.receive() == (TEXT, b"pinging")
        dead.until_end()
        quirk.send(frame(TEXT, b"still here"))
        assert quirk.receive() == (TEXT, b"still here")


def test_a_station_that_we_do_not_listen_to_is_not_taken_for_lost(nervous_listener):
    with nervous_listener.open(path="/deaf") as unheard:
        unheard.send(frame(TEXT, b"one of many") * 100)
        with nervous_listener.open(path="/dead/3") as dead:
            dead.until_end()
        unheard.sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            until_end(unheard.sock)


def test_the_application_changes_the_interval_of_one_socket(listener):
    with listener.open() as station:
        station.send(frame(TEXT, b"ping 0.1"))
        assert station.receive() == (TEXT, b"pinging")
        assert station.receive() == (PING, b"")


# Back-pressure


def test_a_station_that_reads_nothing_costs_no_memory_and_is_cut_off(listener):
    before = listener.resident_mib
    with listener.open(path="/slow/reader") as station:
        station.send(frame(TEXT, b"flood 4000"))  # 250 MiB
        assert listener.disconnection("/slow/reader")["code"] == 1006
        assert listener.resident_mib < before + 16


def test_a_station_that_reads_slowly_gets_everything(listener):
    with listener.open() as station:
        station.send(frame(TEXT, b"flood 300"), frame(TEXT, b"the end"))
        for _ in range(300):
            assert station.receive() == (TEXT, b"x" * 65536)
        assert station.receive() == (TEXT, b"the end")


def test_a_station_is_not_read_faster_than_it_is_served(listener):
    before = listener.resident_mib
    with listener.open(path="/deaf") as station:
        station.sock.settimeout(1)
        flood = frame(TEXT, b"y" * 65536) * 1000
        with pytest.raises(TimeoutError):
            station.send(flood)
        assert listener.resident_mib < before + 16


def test_many_messages_in_one_read_are_all_served_in_order(listener):
    texts = [b"%d" % number for number in range(2000)]
    with listener.open() as station:
        station.send(*(frame(TEXT, text) for text in texts))
        assert [station.receive() for _ in texts] == [(TEXT, text) for text in texts]


# The process


def test_it_runs_on_uvloop(listener):
    with listener.connect() as station:
        station.send("loop")
        assert station.recv() == "uvloop"


def test_two_processes_share_one_port(tmp_path, listener):
    (tmp_path / "second").mkdir()
    with ListenerProcess(tmp_path / "second", port=listener.port):
        serving = set()
        for _ in range(40):
            with listener.connect() as station:
                station.send("process")
                serving.add(station.recv())
        assert len(serving) == 2


def test_ipv6_is_served_too(tmp_path):
    with (
        ListenerProcess(tmp_path, host="::1") as listener,
        socket.create_connection(("::1", listener.port)) as sock,
    ):
        sock.sendall(upgrade())
        station = RawStation(sock)
        station.send(frame(TEXT, b"scope"))
        assert json.loads(station.receive()[1])["client"][0] == "::1"


def test_one_process_serves_several_ports(tmp_path):
    with ListenerProcess(tmp_path, ports=[None, None]) as listener:
        for port in listener.ports:
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(upgrade())
                RawStation(sock)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_closes_all_sockets_with_1012(tmp_path, number):
    with ListenerProcess(tmp_path) as listener, listener.connect() as station, listener.dial() as undecided:
        undecided.sendall(upgrade(path="/undecided"))
        until(lambda: len(listener.journal()) == 2)
        listener.signal(number)
        assert listener.exit_status() == 0
        assert closure(station) == (1012, "")
        assert undecided.recv(65536).startswith(b"HTTP/1.1 503 ")
        assert listener.disconnection("/ocpp/net/CP1")["code"] == 1012
        assert "Traceback" not in listener.log


def test_the_application_may_drain_its_sockets_itself(tmp_path):
    with ListenerProcess(tmp_path, drains=True) as listener, ExitStack() as fleet:
        stations = [fleet.enter_context(listener.connect()) for _ in range(20)]
        listener.signal(signal.SIGTERM)
        assert listener.exit_status() == 0
        assert {closure(station) for station in stations} == {(1012, "restart")}
        assert {"path": "", "drain": 20} in listener.journal()


def test_nobody_is_accepted_during_the_drain_and_a_second_signal_does_not_hurry_it(tmp_path):
    with ListenerProcess(tmp_path, drains=True) as listener, listener.connect("/lingers") as station:
        listener.signal(signal.SIGTERM)
        until(lambda: {"path": "", "drain": 1} in listener.journal())
        listener.signal(signal.SIGINT)
        with pytest.raises(ConnectionRefusedError):
            listener.dial()
        assert closure(station) == (1012, "restart")
        assert listener.exit_status() == 0


def test_a_failed_drain_still_closes_the_sockets(tmp_path):
    with ListenerProcess(tmp_path, drains="badly") as listener, listener.connect() as station:
        listener.signal(signal.SIGTERM)
        assert listener.exit_status() == 0
        assert closure(station) == (1012, "")
        assert "The drain failed" in listener.log


def test_a_start_that_fails_ends_the_process(tmp_path):
    with ListenerProcess(tmp_path, fails=True) as listener:
        assert listener.exit_status() == 1
        assert "RuntimeError: can't start" in listener.log
