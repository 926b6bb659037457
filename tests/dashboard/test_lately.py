"""What pages keep for a moment: it is forgotten, and there is never much of it."""

from types import SimpleNamespace

import pytest

from dashboard.overview import lately as module
from dashboard.overview.lately import lately


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that the seconds are counted by."""

    def to(seconds):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: seconds))

    to(0.0)
    return to


def kept():
    return [name for name, _ in module._kept]


def test_it_is_read_anew_after_its_seconds(at):
    values = iter(range(9))
    assert [lately("a", 1, 10, lambda: next(values)) for _ in range(2)] == [0, 0]
    assert lately("a", 2, 10, lambda: next(values)) == 1
    at(9.9)
    assert lately("a", 1, 10, lambda: next(values)) == 0
    at(10.0)
    assert lately("a", 1, 10, lambda: next(values)) == 2


def test_what_is_old_is_dropped_when_something_else_is_read(at):
    lately("short", 1, 10, str)
    lately("long", 1, 60, str)
    at(30.0)
    lately("new", 1, 10, str)
    assert kept() == ["long", "new"]


def test_of_too_many_those_that_were_read_first_are_dropped(at, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    for name in ("a", "b", "c", "d", "e"):
        lately(name, 1, 60, str)
    assert kept() == ["c", "d", "e"]
