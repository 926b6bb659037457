"""Pings, with the loop's clock in hand."""

import pytest

from gateway import pings
from gateway.pings import Pings


class Loop:
    """An event loop whose time passes when it is told to; what is due runs in its order."""

    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[tuple[float, object]] = []

    def time(self):
        return self.now

    def call_later(self, delay_s, call):
        self.due.append((self.now + delay_s, call))

    def run_timers(self, *, until):
        """Only timers: nothing is read meanwhile, as after a standstill."""
        self.now = until
        for at, call in [each for each in self.due if each[0] <= until]:
            self.due.remove((at, call))
            call()


@pytest.fixture
def loop(monkeypatch):
    found = Loop()
    monkeypatch.setattr(pings, "LOOP", found)
    return found


@pytest.fixture
def told():
    return []


@pytest.fixture
def asking(loop, told):
    made = Pings(timeout_s=20, ask=lambda: told.append("ask"), give_up=lambda: told.append("give up"))
    made.every(30)
    loop.run_timers(until=130)
    assert told == ["ask"]
    return made


def test_who_is_not_heard_after_a_question_is_given_up(loop, told, asking):
    loop.run_timers(until=150)
    loop.run_timers(until=151)
    assert told == ["ask", "give up"]


def test_who_answered_while_we_stood_still_is_heard_first(loop, told, asking):
    loop.run_timers(until=190)  # a minute in which nothing ran
    asking.heard()  # read in the turn after the timers
    loop.run_timers(until=191)
    loop.run_timers(until=202)
    assert told == ["ask", "ask"]
