"""kill -9 under load: what was acknowledged is there, and nothing is there twice.

TEST_KILLS says how often the process is killed; without it, a few times.
"""

import asyncio
import os
import random

import pytest

from sessions.models import ChargingSession, IdToken, MeterValue
from tests.gateway.listener_process import until
from tests.gateway.whole.untiring import UntiringStation

KILLS = int(os.environ.get("TEST_KILLS", "4"))
STATIONS = 16


@pytest.fixture(scope="module")
def gateway(make_gateway):
    return make_gateway()


@pytest.fixture
def fleet(gateway, network, register):
    IdToken.objects.create(network=network, id_token="GOOD")
    return [
        UntiringStation(register(f"CP{n}"), ("1.6", "2.0.1")[n % 2], gateway.port, seed=n)
        for n in range(STATIONS)
    ]


def test_what_was_acknowledged_survives_and_nothing_is_doubled(gateway, background, fleet):
    chance = random.Random(0)
    lives = [asyncio.run_coroutine_threadsafe(station.live(), background.loop) for station in fleet]
    try:
        for _ in range(KILLS):
            enough = acknowledged(fleet) + chance.randint(STATIONS, 4 * STATIONS)
            until(lambda enough=enough: acknowledged(fleet) >= enough)
            gateway.kill()
            gateway.start()
        for station in fleet:
            background.loop.call_soon_threadsafe(station.end)
        for life in lives:
            life.result(60)
    finally:
        for life in lives:
            life.cancel()
    assert [station.errors for station in fleet] == [[]] * STATIONS
    for station in fleet:
        check(station)


def acknowledged(fleet):
    return sum(station.acknowledged for station in fleet)


def check(station):
    """Compare what the station was told with what is there."""
    sessions = list(ChargingSession.objects.filter(station=station.known.station).order_by("started_at"))
    assert len(sessions) == len(station.charges)
    for session, charge in zip(sessions, station.charges, strict=True):
        if station.version == "1.6":
            assert charge.answers == {int(session.transaction_id)}
        else:
            assert session.transaction_id == charge.key
        assert session.ended_at is not None
        assert session.meter_stop_wh == charge.stopped_at_wh
        kept = MeterValue.objects.filter(session=session.pk, context="Sample.Periodic")
        assert list(kept.order_by("at").values_list("energy_wh", flat=True)) == charge.readings
