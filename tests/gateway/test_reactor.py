"""What is read goes to its protocol straight away, and one that fails loses its own connection alone."""

import asyncio
import socket

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

import gateway.reactor  # noqa: F401 - it changes Twisted's


class Reader:
    """One end of a pair of sockets, as Twisted's reactor knows it."""

    def __init__(self, end, fault=None):
        self.end = end
        self.fault = fault
        self.got = b""
        self.lost = None
        self.was_asked = False

    def fileno(self):
        return self.end.fileno()

    def logPrefix(self):  # noqa: N802 - Twisted's name
        self.was_asked = True
        return "-"

    def doRead(self):  # noqa: N802 - Twisted's name
        self.got += self.end.recv(99)
        if self.fault:
            raise self.fault

    def connectionLost(self, reason):  # noqa: N802 - Twisted's name
        self.lost = reason


@pytest.fixture
def reactor():
    loop = asyncio.new_event_loop()
    yield AsyncioSelectorReactor(loop), loop
    loop.close()


@pytest.mark.parametrize("fault", [None, ValueError("it fails")])
def test_what_is_read_goes_to_its_protocol_past_twisteds_log(reactor, fault):
    its_own, loop = reactor
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = Reader(ours, fault)
        its_own.addReader(reader)
        theirs.sendall(b"said")
        loop.call_later(0.1, loop.stop)
        loop.run_forever()
        assert reader.got == b"said"
        assert not reader.was_asked
        assert (reader.lost is None) is (fault is None)
        its_own.removeAll()
