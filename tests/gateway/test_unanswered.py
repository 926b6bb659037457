"""A station that answers none of our CALLs: its socket is dropped, so that it opens a new one."""

import asyncio
from types import SimpleNamespace

import pytest

from emobi.core import clock
from gateway.connection import MOST_UNANSWERED, OCPP16, Conversation
from gateway.consumer import GOING_AWAY, StationConsumer
from gateway.frames import Call
from gateway.outbound import Outgoing, Saying


class Socket:
    """A consumer whose station may be asked, and what it wrote."""

    def __init__(self, loop):
        self.written, self._numbers = [], iter(range(100))
        intake = SimpleNamespace(submit=lambda _: None)
        gateway = SimpleNamespace(intake=intake, spawn=self._spawn, claim=lambda: None, rest=lambda *_: None)
        self._loop = loop
        self.consumer = StationConsumer(gateway, call_timeout_s=3600)
        self.consumer.line, self.consumer.flags = SimpleNamespace(station_id=1, network_id=1), {}
        self.consumer.conversation = Conversation(OCPP16)
        self.consumer.write = self._write
        self.consumer.open = True

    def _spawn(self, job, **_):
        self._loop.run_until_complete(job)

    async def _write(self, event):
        self.written.append(event)

    def ask(self, action=None):
        """Ask something, by itself another thing each time; its message id."""
        number = next(self._numbers)
        call = Call(str(number), action or ("ClearCache", "GetLocalListVersion")[number % 2], {})
        self.consumer.deadline = None
        asked = self.consumer.call(
            Outgoing(
                station_id=1, epoch=1, command_id=call.message_id, saying=Saying(asked=None, calls=[]),
                call=call, text="…", frame_id=1, at=clock.wall(),
            )
        )  # fmt: skip
        assert asked
        return call.message_id

    def expire(self):
        self.consumer.deadline.cancel()
        self.consumer._expire()

    @property
    def closes(self):
        return [event["code"] for event in self.written if event["type"] == "websocket.close"]


@pytest.fixture
def socket(monkeypatch):
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    yield Socket(loop)
    loop.close()


def test_the_socket_is_dropped_when_several_calls_in_a_row_time_out(socket):
    for _ in range(MOST_UNANSWERED):
        assert socket.closes == []
        socket.ask()
        socket.expire()
    assert socket.closes == [GOING_AWAY]


def test_who_is_deaf_to_one_thing_alone_keeps_its_socket(socket):
    for _ in range(MOST_UNANSWERED + 2):
        socket.ask("CostUpdated")
        socket.expire()
    assert socket.closes == []
    socket.ask("ClearCache")
    socket.expire()
    assert socket.closes == [GOING_AWAY]


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_an_answer_between_them_begins_the_count_anew(socket, late):
    for _ in range(MOST_UNANSWERED - 1):
        socket.ask()
        socket.expire()
    message_id = socket.ask()
    if late:  # that to the CALL before, whose time is out
        message_id = str(int(message_id) - 1)
    socket.consumer._hear(f'[3,"{message_id}",{{"status":"Accepted"}}]', clock.now())
    assert socket.consumer.conversation.unanswered == []
    assert socket.closes == []
