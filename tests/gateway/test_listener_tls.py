"""The contract of the charger port, and its bounds, over TLS."""

import socket
from contextlib import suppress

import pytest

from gateway.development_certificates import ensure_development_certificates
from tests.gateway.listener_process import (
    PATIENCE_S,
    TEXT,
    ListenerProcess,
    RawStation,
    frame,
    until,
    until_end,
    upgrade,
)
from tests.gateway.tls_stations import secure, tls, trusting


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return ensure_development_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def listener(tmp_path_factory, certificates):
    options = {"header_timeout_s": 2, "write_timeout_s": 1, "close_timeout_s": 1.5}
    ports = [tls(certificates)]
    with ListenerProcess(tmp_path_factory.mktemp("tls"), ports=ports, options=options) as process:
        yield process
        assert "Traceback" not in process.log


@pytest.mark.parametrize(
    "said", [b"", b"\x16\x03\x01\x02\x00"], ids=["nothing", "the beginning of a ClientHello"]
)
def test_a_peer_that_does_not_finish_its_tls_handshake_is_cut_off_and_told(listener, said):
    before = len(listener.log)
    with listener.dial() as sock:
        sock.sendall(said)
        with pytest.raises(ConnectionResetError):
            until_end(sock)
    told = until(lambda: [line for line in listener.log[before:].splitlines() if "refused 127.0.0.1" in line])
    assert [line.partition("127.0.0.1: ")[2] for line in told] == [
        "408 No complete TLS handshake and request came within 2 s."
    ]


def test_a_peer_that_says_nothing_after_its_tls_handshake_is_cut_off(listener, certificates):
    # The deadline is for the handshake too: on a slow machine that is where it ends. CPython 3.12 tells this
    # reset as an end, 3.13 as a reset; that it is cut off in time is what counts.
    with suppress(ConnectionResetError), secure(listener, trusting(certificates)) as sock:
        assert until_end(sock) == b""


def test_plain_http_on_the_tls_port_ends(listener):
    with listener.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n")
        assert b"HTTP" not in until_end(sock)


def test_plain_http_over_tls_is_told_to_upgrade(listener, certificates):
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: emobi\r\n\r\n")
        assert until_end(sock).startswith(b"HTTP/1.1 426 ")


def test_a_refusal_reaches_a_station_over_tls(listener, certificates):
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade(path="/status/401"))
        answer = until_end(sock)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"first, second")


def test_a_refused_station_that_keeps_its_connection_over_tls_is_cut_off(listener, certificates):
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade(path="/status/401"))
        until_end(sock)  # the listener's close_notify, which we don't answer
        with socket.socket(fileno=sock.detach()) as bare:
            bare.settimeout(PATIENCE_S)
            with pytest.raises(ConnectionResetError):
                until_end(bare)


def test_a_refused_station_that_goes_on_sending_over_tls_costs_no_memory(listener, certificates):
    before = listener.resident_mib
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade(path="/status/401"))
        assert b" 401 " in sock.recv(65536)
        with suppress(OSError):
            sock.sendall(bytes(16 << 20))
        assert listener.resident_mib < before + 8


def test_a_close_code_reaches_a_station_over_tls(listener, certificates):
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade())
        station = RawStation(sock)
        station.send(frame(TEXT, b"close 1012 restart"))
        assert station.close_code() == 1012
        station.until_end()


def test_a_station_that_reads_nothing_over_tls_is_cut_off(listener, certificates):
    before = listener.resident_mib
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade(path="/slow/tls"))
        RawStation(sock).send(frame(TEXT, b"flood 4000"))
        assert listener.disconnection("/slow/tls")["code"] == 1006
        assert listener.resident_mib < before + 16


def test_a_large_message_passes_over_tls_both_ways(listener, certificates):
    text = b"x" * (1 << 20)
    with secure(listener, trusting(certificates)) as sock:
        sock.sendall(upgrade())
        station = RawStation(sock)
        station.send(frame(TEXT, text))
        assert station.receive() == (TEXT, text)
