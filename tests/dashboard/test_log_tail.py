"""What follows the end of a message log."""

from datetime import timedelta

import pytest

from dashboard.live import log_tail
from dashboard.live.log_tail import LogTail
from dashboard.messages import live_search, message_list, message_search
from emobi.core import clock
from tests.dashboard.state import exchange

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Sets our clock."""
    start = clock.wall()

    def setting(seconds):
        monkeypatch.setattr(clock, "wall", lambda: start + timedelta(seconds=seconds))

    setting(0)
    return setting


def lines(tail):
    return [line["i"] for line in tail.read().lines]


def test_each_line_is_told_once(network, alpha, at):
    tail = LogTail(network, "alpha")
    first = exchange(alpha, "Heartbeat", {}, {})
    assert lines(tail)[0] == str(first)
    at(1)
    assert lines(tail) == []
    second = exchange(alpha, "Heartbeat", {})
    assert lines(tail) == [str(second)]


def test_a_look_that_comes_late_misses_nothing(network, alpha, at):
    """As on a machine that has other things to do."""
    tail = LogTail(network, "alpha")
    assert lines(tail) == []
    at(1)
    early = exchange(alpha, "Heartbeat", {})
    at(2 * log_tail.LATE.total_seconds() + 60)
    assert lines(tail) == [str(early)]
    assert lines(tail) == []


def test_the_first_look_goes_back_to_when_the_page_was_made_and_not_for_ever(network, alpha, at):
    first = exchange(alpha, "Heartbeat", {})
    at(log_tail.MADE_AGO.total_seconds())
    assert lines(LogTail(network, "alpha")) == [str(first)]
    at((log_tail.MADE_AGO + log_tail.LATE).total_seconds() + 1)
    assert lines(LogTail(network, "alpha")) == []


def test_what_a_search_finds_is_followed_by_exchange_as_in_the_log(network, alpha, bravo, stranger, at):
    tails = {
        written: log_tail.of(network, log_tail.topic(live_search.followed(message_search.parse(written))))
        for written in (
            "", "station:ALPHA", "station:al*", "station:alpha station:bravo dir:out", "station:nobody",
            "action:Reset action:Authorize", "dir:in", "dir:sideways", "result:error text",
        )
    }  # fmt: skip
    exchange(alpha, "Heartbeat", {}, {})
    exchange(bravo, "Reset", {"type": "Immediate"}, {"status": "Accepted"}, sent=True)
    exchange(stranger, "Reset", {"type": "Immediate"}, {}, sent=True)

    def told(lines):
        return [(line["n"], line["a"], line["d"]) for line in lines]

    found = {written: told(tail.read().lines) for written, tail in tails.items()}
    of_alpha = [("alpha", "Heartbeat", "received"), ("alpha", "Heartbeat", "sent")]
    of_bravo = [("bravo", "Reset", "sent"), ("bravo", "Reset", "received")]
    everything = of_alpha + of_bravo
    assert found == {
        "": everything, "station:ALPHA": of_alpha, "station:al*": of_alpha,
        "station:alpha station:bravo dir:out": of_bravo, "station:nobody": [],
        "action:Reset action:Authorize": of_bravo, "dir:in": of_alpha, "dir:sideways": everything,
        "result:error text": everything,
    }  # fmt: skip
    # And the page that begins with it has the same.
    drawn = {
        written: told(message_list.newest_of(network, live_search.followed(message_search.parse(written))))
        for written in tails
    }
    assert drawn == found
