"""The life of a listener's process: its ports, its start, and its end."""

import json
import signal
import socket
from contextlib import ExitStack

import pytest

from tests.gateway.listener_process import (
    TEXT,
    ListenerProcess,
    RawStation,
    closure,
    frame,
    retry_after_s,
    until,
    until_end,
    upgrade,
)


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    with ListenerProcess(tmp_path_factory.mktemp("listener")) as process:
        yield process


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
        answer = until_end(undecided)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert 1 <= retry_after_s(answer) <= 15
        assert listener.disconnection("/ocpp/net/CP1")["code"] == 1012
        assert "Traceback" not in listener.log


def test_the_application_may_drain_its_sockets_itself(tmp_path):
    with ListenerProcess(tmp_path, drains=True) as listener, ExitStack() as fleet:
        stations = [fleet.enter_context(listener.connect()) for _ in range(20)]
        listener.signal(signal.SIGTERM)
        assert listener.exit_status() == 0
        assert {closure(station) for station in stations} == {(1012, "restart")}
        assert {"path": "", "drain": 20} in listener.journal()


def test_who_comes_during_the_drain_is_told_when_to_come_back_and_a_second_signal_does_not_hurry_it(tmp_path):
    with ListenerProcess(tmp_path, drains="when told") as listener, listener.connect("/lingers") as station:
        listener.signal(signal.SIGTERM)
        until(lambda: {"path": "", "drain": 1} in listener.journal())
        listener.signal(signal.SIGINT)
        with listener.dial() as early:
            early.sendall(upgrade())
            answer = until_end(early)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert 1 <= retry_after_s(answer) <= 3
        assert "/ocpp/net/CP1" not in {each["path"] for each in listener.journal()}  # the application's part
        station.send("drain")
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
