"""The contract of the charger port towards the ASGI application: what it is told, and what it may answer."""

import json
import struct
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.gateway.listener_process import (
    BINARY,
    CLOSE,
    TEXT,
    ListenerProcess,
    RawStation,
    closure,
    frame,
    retry_after_s,
    status_and_body,
    until,
    until_end,
    upgrade,
)


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("listener")) as process:
        yield process


def scope_of(listener: ListenerProcess, *headers: bytes, path: str) -> Any:
    with listener.open(*headers, path=path) as station:
        station.send(frame(TEXT, b"scope"))
        return json.loads(station.receive()[1])


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
    assert set(scope["extensions"]) == {"websocket.http.response", "emobi.ping", "emobi.plain"}


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
        answer = until_end(sock)
    assert status_and_body(answer) == (503, "Service Unavailable\n")
    assert 1 <= retry_after_s(answer) <= 15


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
