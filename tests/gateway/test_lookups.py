"""Questions that are asked before a CALL is handled."""

import asyncio
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from gateway import lookups
from gateway.lookups import Asker, Lookup, look_up, on_thread

ASKER = Asker(station_id=1, network_id=1, version="2.0.1", received_at=datetime(2026, 11, 22, tzinfo=UTC))


@dataclass
class Weather:
    word: str


@dataclass
class Tide:
    metres: float


def lookup(find, budget_s=5.0):
    return Lookup(find=find, budget_s=lambda: budget_s)


@pytest.mark.asyncio
async def test_all_are_asked_at_once_and_each_answer_is_found_by_its_kind():
    both = asyncio.Barrier(2)

    async def weather(asker, payload):
        await both.wait()
        return Weather(payload["place"])

    async def tide(asker, payload):
        await both.wait()
        return Tide(2.5)

    with lookups.hold(await look_up([lookup(weather), lookup(tide)], ASKER, {"place": "Kiel"})):
        assert lookups.found(Tide) == Tide(2.5)
        assert lookups.found(Weather) == Weather("Kiel")
    assert lookups.found(Weather) is None


@pytest.mark.asyncio
async def test_what_takes_too_long_or_fails_gives_nothing_and_spoils_nothing(caplog):
    async def endless(asker, payload):
        await asyncio.Event().wait()

    async def broken(asker, payload):
        raise ZeroDivisionError

    async def fine(asker, payload):
        return Tide(0)

    wanted = [lookup(endless, 0.01), lookup(broken), lookup(fine)]
    assert await look_up(wanted, ASKER, {}) == [Tide(0)]
    assert "longer than 0.01 s" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.asyncio
async def test_a_plain_function_is_asked_on_a_thread():
    def ask(asker, payload):
        return Weather(threading.current_thread().name)

    (answer,) = await look_up([lookup(on_thread(ask))], ASKER, {})
    assert answer.word.startswith("lookup")
