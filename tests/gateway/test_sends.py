"""CALLs on their way from their commit to the wire."""

import time
from types import SimpleNamespace

import pytest

from emobi.core import clock
from gateway.frames import Call
from gateway.outbound import Outgoing, Saying
from gateway.process import Gateway


@pytest.fixture
def gateway(settings):
    """A process with one socket, and what it said and gave up."""
    gateway = Gateway("sends")
    gateway.said, gateway.given_up = [], []
    gateway.intake = SimpleNamespace(submit=gateway.given_up.append)
    gateway._sockets[1] = SimpleNamespace(
        line=SimpleNamespace(epoch=7), call=lambda outgoing: gateway.said.append(outgoing) or True
    )
    return gateway


def outgoing(epoch=7):
    return Outgoing(
        station_id=1, epoch=epoch, command_id="c", saying=Saying(asked=None, calls=[]),
        call=Call("c", "ClearCache", {}), text="…", frame_id=1, at=clock.wall(),
    )  # fmt: skip


def test_a_call_goes_to_the_socket_that_it_was_committed_for(gateway):
    gateway._renewed_at = time.monotonic()
    meant, older = outgoing(), outgoing(epoch=6)
    gateway.send([meant, older])
    assert gateway.said == [meant]
    assert [each.lost for each in gateway.given_up] == [[older]]


def test_a_process_that_slept_past_its_lease_says_nothing(gateway, settings):
    gateway._renewed_at = time.monotonic() - settings.EMOBI_LEASE_S
    asleep = outgoing()
    gateway.send([asleep])
    assert gateway.said == []
    assert [each.lost for each in gateway.given_up] == [[asleep]]
