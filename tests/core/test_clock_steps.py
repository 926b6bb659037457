"""A machine's clock that is set while a process runs, beside the database's, which isn't."""

import time
from datetime import timedelta

import pytest

from emobi.core import clock, clock_steps

HOUR = 3600.0


class Machine:
    """The machine's clocks; ``off`` is what the one with the date is set to be ahead."""

    def __init__(self):
        self.off = 0.0

    def time(self):
        return time.time() + self.off

    def monotonic(self):
        return time.monotonic()


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    for module in (clock, clock_steps):
        monkeypatch.setattr(module, "time", machine)
    monkeypatch.setattr(clock_steps, "_is_believed", True)
    monkeypatch.setattr(clock, "_on_step", lambda: None)
    yield machine
    machine.off = 0.0
    clock.put_right(time.time(), time.monotonic())


def is_right():
    return abs(clock.unix() - time.time()) < 1


@pytest.mark.parametrize("step_s", [HOUR, -HOUR, 5.0, -5.0])
def test_time_goes_on_as_it_did_until_somebody_has_told(machine, monkeypatch, step_s):
    asked = []
    monkeypatch.setattr(clock, "_on_step", lambda: asked.append(True))
    assert is_right()
    machine.off = step_s
    assert is_right()
    assert asked


def test_who_asks_nobody_follows_the_machine(machine, monkeypatch):
    # A command, or beat's stand-in: after the machine slept it would be behind for good.
    monkeypatch.setattr(clock, "_on_step", None)
    for step_s in (HOUR, -HOUR):
        machine.off += step_s
        assert abs(clock.unix() - machine.time()) < 1


def test_a_clock_that_is_put_right_bit_by_bit_is_followed(machine):
    for _ in range(100):
        machine.off += 0.5
        assert abs(clock.unix() - machine.time()) < 0.1
    assert abs(clock.wall().timestamp() - machine.time()) < 0.1


@pytest.mark.django_db
@pytest.mark.parametrize("step_s", [HOUR, -HOUR])
def test_a_step_that_the_database_did_not_make_is_not_followed(machine, step_s, caplog):
    machine.off = step_s
    assert not clock_steps.compare()
    assert is_right()
    assert "s off the database's" in caplog.text
    clock_steps.compare()
    assert len(caplog.records) == 1
    machine.off = 0.0
    assert clock_steps.compare()
    assert is_right()


@pytest.mark.django_db
def test_a_step_that_the_database_made_too_is_followed(machine):
    # As after a machine slept: what went on counting stood still, so that the clock seems to have jumped.
    clock.put_right(time.time() - HOUR, time.monotonic())
    assert not is_right()
    clock_steps.compare()
    assert is_right()


@pytest.mark.django_db
def test_who_begins_with_a_wrong_clock_does_not_use_it(machine):
    machine.off = HOUR
    clock.put_right(machine.time(), machine.monotonic())
    assert not is_right()
    clock_steps.compare()
    assert is_right()


def test_a_whole_millisecond_stays_itself(monkeypatch):
    for millisecond in range(1000):
        monkeypatch.setattr(clock, "unix", lambda millisecond=millisecond: 1_790_000_000 + millisecond / 1000)
        assert clock.wall().microsecond % 1000 == 0
        assert abs(clock.wall().microsecond - millisecond * 1000) <= 1000


def test_a_clock_that_is_held_is_held_whatever_the_machine_says(machine):
    moment = clock.wall() - timedelta(days=3)
    with clock.at(moment):
        machine.off = HOUR
        assert clock.now() == moment
