"""Stations that say nothing, read nothing, or send more than is served: pings and back-pressure."""

import signal
import socket
import struct

import pytest

from tests.gateway.listener_process import (
    PING,
    PONG,
    TEXT,
    ListenerProcess,
    frame,
    until_end,
)


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("listener"), options={"write_timeout_s": 1}) as process:
        yield process


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


@pytest.mark.parametrize("last", [frame(TEXT, b"hello"), frame(PONG, b"here")], ids=["a CALL", "a pong"])
def test_who_speaks_and_is_cut_off_in_the_same_moment_is_missed(nervous_listener, last):
    path = f"/ocpp/net/CUT{last[0]}"
    with nervous_listener.open(path=path) as station:
        nervous_listener.signal(signal.SIGSTOP)  # so that it finds both at once
        try:
            station.send(last)
            station.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            station.sock.close()
        finally:
            nervous_listener.signal(signal.SIGCONT)
        assert nervous_listener.disconnection(path)["code"] == 1006
    assert "Traceback" not in nervous_listener.log
