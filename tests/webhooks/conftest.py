"""A network with an endpoint, receivers on this machine, and couriers that run until something is true."""

import asyncio
import threading
import time

import pytest
import uvloop
from django.db import connection

from emobi.core import events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Network
from webhooks import couriers
from webhooks.couriers import Courier
from webhooks.services import endpoints


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture(autouse=True)
def local_receivers(settings):
    settings.EMOBI_WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture(autouse=True)
def what_is_due_is_soon_seen(monkeypatch):
    monkeypatch.setattr(couriers, "LOOK_EVERY_S", 0.02)


@pytest.fixture
def subscribe(network):
    """Make an endpoint at a URL."""

    def make(url, types=("*",)):
        return endpoints.create(network, url, types, by="user:a")

    return make


@pytest.fixture
def happen(network):
    """Have something happen at stations, one event each; their ids."""

    def record(*stations):
        with unit_of_work.begin():
            return [
                events.record(
                    Subject(network_id=network.pk, station=station, ocpp_version="1.6"),
                    events.StationOnline(offline_s=None),
                )
                for station in stations
            ]

    return record


@pytest.fixture
def deliver():
    """Run a courier until ``done()`` is true; whether that came."""

    def run(done, *, longest_s=20.0, runs_for_s=60.0):
        return uvloop.run(_deliver(done, longest_s, runs_for_s))

    return run


async def _deliver(done, longest_s, runs_for_s):
    ended = threading.Event()
    courier = Courier(stopping=ended.is_set, hand_over=lambda: None, runs_for_s=runs_for_s)
    running = asyncio.create_task(courier.run())
    until = time.monotonic() + longest_s
    came = False
    while not running.done() and time.monotonic() < until and not came:
        await asyncio.sleep(0.01)
        came = await asyncio.to_thread(_asked, done)
    ended.set()
    await running
    return await asyncio.to_thread(_asked, done)


def _asked(done):
    """Asked in a thread, which has a connection of its own."""
    try:
        return done()
    finally:
        connection.close()
