"""What reaches the charger port and isn't a WebSocket's opening handshake, or a damaged one."""

import socket
import time

import pytest

from tests.gateway.listener_process import KEY, ListenerProcess, status_and_body, until, until_end, upgrade

CHUNKED = b"Transfer-Encoding: chunked"


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("http"), options={"header_timeout_s": 1}) as process:
        yield process
        assert process.journal() == [], "the application saw a request that isn't one"
        assert "Traceback" not in process.log


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET /ocpp/net/CP1 HTTP/1.1\r\nHost: emobi\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"POST /ocpp/net/CP1 HTTP/1.1\r\nHost: emobi\r\nContent-Length: 1000000000\r\n\r\nbody",
        b"POST / HTTP/1.1\r\nHost: emobi\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
    ids=["a browser", "HTTP/1.0", "another protocol", "a form", "chunks"],
)
def test_plain_http_is_told_in_one_line_to_upgrade(listener, request_):
    status, body = listener.answer(request_)
    assert status == 426
    assert body == "Charging stations connect here, by WebSocket.\n"


def test_the_answer_names_the_protocol_to_upgrade_to(listener):
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n")
        head = until_end(sock).partition(b"\r\n\r\n")[0].lower().splitlines()
    assert {b"upgrade: websocket", b"connection: upgrade, close"} <= set(head)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", 400),
        (b"GET /ocpp/net/CP1\r\n\r\n", 400),
        (upgrade(path="/ocpp/net/\x80"), 400),
        (upgrade(path="/ocpp/net/CP1#fragment"), 400),
        (upgrade(path="ocpp/net/CP1"), 400),
        (upgrade(path="*"), 400),
        (upgrade(path="file:///etc/passwd"), 400),
        (upgrade(method="PUT"), 405),
        (upgrade(version="HTTP/1.0"), 505),
        (upgrade(key="short"), 400),
        (upgrade(b"Sec-WebSocket-Version: 13"), 400),
        (upgrade(b"Sec-WebSocket-Key: " + KEY.encode()), 400),
        (upgrade(b"Host: other"), 400),
        (upgrade(b"Content-Length: 5"), 400),
        (upgrade(CHUNKED), 400),
        (upgrade().replace(b"Connection: Upgrade\r\n", b""), 400),
        (upgrade().replace(b"Host: emobi\r\n", b""), 400),
        (upgrade().replace(b"Version: 13", b"Version: 12"), 400),
        (upgrade(b"Sec-WebSocket-Protocol: \x80\xff"), 400),
        (upgrade(b"Sec-WebSocket-Protocol: ocpp1.6 ocpp2.0.1"), 400),
        (upgrade(b"no colon"), 400),
        (upgrade(b"X A: a"), 400),
        (upgrade(b"X-\x80: a"), 400),
        (upgrade(b"X-A: a\x00b"), 400),
        *[
            (upgrade(b"X-A: 1%cAuthorization: Basic QTpC" % octet), 400)
            for octet in b"\x0b\x0c\x1c\x1d\x1e\x85\x7f"
        ],
    ],
)
def test_a_damaged_handshake_is_refused(listener, request_, status):
    assert listener.answer(request_)[0] == status


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (upgrade(path="/kept", key="short"), "Sec-WebSocket-Key"),
        (upgrade(path="/kept").replace(b"Connection: Upgrade\r\n", b""), "Connection"),
        (upgrade(path="/kept").replace(b"Host: emobi\r\n", b""), "Host"),
        (upgrade(path="/kept").replace(b"Version: 13", b"Version: 12"), "version 12"),
    ],
)
def test_whom_autobahn_refuses_is_told_with_the_reason(listener, request_, said):
    before = len(listener.log)
    listener.answer(request_)
    told = until(lambda: refused(listener.log[before:]))
    assert len(told) == 1
    assert said in told[0]


def test_an_unknown_version_of_websocket_is_told_the_known_ones(listener):
    with listener.dial() as sock:
        sock.sendall(upgrade().replace(b"Version: 13", b"Version: 12"))
        assert b"sec-websocket-version: 13" in until_end(sock).lower()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (upgrade(path="/1.6/net/" + "a" * 20_000), 414),
        (upgrade(b"Authorization: Basic " + b"A" * 20_000_000), 431),
        (upgrade(*[b"X-%d: %s" % (number, b"a" * 1000) for number in range(200)]), 400),
        (upgrade(*[b"X-%d: a" % number for number in range(1000)]), 400),
    ],
    ids=["target", "header", "headers", "number of headers"],
)
def test_too_long_a_head_is_answered_though_the_peer_still_sends(listener, request_, status):
    assert listener.answer(request_)[0] == status


def test_what_follows_a_damaged_header_is_not_taken_for_another_request(listener):
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nno colon\r\nX-A: b\r\n\r\n" + upgrade())
        answer = until_end(sock)
    assert status_and_body(answer)[0] == 400
    assert answer.count(b"HTTP/1.1") == 1


def test_a_second_request_on_one_connection_is_not_answered(listener):
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n" * 2)
        assert until_end(sock).count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHost: emobi\r\n"], ids=["nothing", "half a request"]
)
def test_a_peer_that_does_not_finish_its_request_is_cut_off_and_told(listener, said):
    before = len(listener.log)
    with listener.dial() as sock:
        sock.sendall(said)
        with pytest.raises(ConnectionResetError):
            until_end(sock)
    told = until(lambda: refused(listener.log[before:]))
    assert told[0].endswith("408 No complete request came within 1 s.")
    assert len(told) == 1


def test_a_drip_of_headers_does_not_put_the_deadline_off(listener):
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            drip(sock)


def test_a_refused_peer_that_stays_is_cut_off(listener):
    before = len(listener.log)
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n")
        assert until_end(sock)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            drip(sock)
    (told,) = until(lambda: refused(listener.log[before:]))
    assert " 426 " in told


def refused(log: str) -> list[str]:
    return [line for line in log.splitlines() if "refused 127.0.0.1" in line]


def drip(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"X-A: b\r\n")
        time.sleep(0.1)
