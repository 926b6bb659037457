"""Nudges through the Redis of the tests: what is heard, and what is left behind."""

import asyncio

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from redis.asyncio import Redis

from emobi.core import nudge

pytestmark = pytest.mark.asyncio

SOON_S = 30
GROUP = "command.of-a-test"


async def heard(listener):
    """What the next nudge is about."""
    return (await asyncio.wait_for(listener.wait(), SOON_S))["about"]


async def nothing_is_left():
    """Wait until Redis has no subscription of this loop's listeners; the layer may keep none at all."""
    layer = get_channel_layer()
    assert (layer.channels, layer.groups) == ({}, {})
    async with Redis.from_url(settings.REDIS_URL) as client, asyncio.timeout(SOON_S):
        while await client.pubsub_channels("emobinudge*") or await client.pubsub_channels(f"*{GROUP}"):  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("waiting", [0, 2])
async def test_a_wait_that_a_nudge_ended_leaves_nothing_behind(waiting):
    for _ in range(3):
        async with nudge.listening(GROUP) as listener, asyncio.timeout(SOON_S):
            await nudge._send({GROUP: ["first"]})
            assert await heard(listener) == ["first"]
            for _ in range(waiting):
                await nudge._send({GROUP: ["heard by nobody"]})
            (queue,) = get_channel_layer().channels.values()
            while queue.qsize() < waiting:  # noqa: ASYNC110 - what fills it tells nobody
                await asyncio.sleep(0.01)
    await nothing_is_left()


async def test_nor_does_one_that_nothing_ended_or_that_never_began():
    async with nudge.listening(GROUP):
        pass
    async with nudge.listening(GROUP) as listener:
        assert await listener.wait(0) is None
    await nothing_is_left()


async def test_nor_one_whose_nudge_comes_while_it_closes():
    async with nudge.listening(GROUP) as listener:
        await listener.wait(0)
        (queue,) = get_channel_layer().channels.values()
        # Taken by the receive that waits, which is over when it is cancelled.
        queue.put_nowait(get_channel_layer().serialize({"type": "nudge", "group": GROUP, "about": []}))
    await nothing_is_left()


async def test_nor_a_listener_that_could_not_join(monkeypatch):
    async def away(_group, _channel):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(get_channel_layer(), "group_add", away)
    async with nudge.listening(GROUP) as listener:
        assert not listener.joined
        assert await listener.wait(0) is None
    await nothing_is_left()


async def test_leaving_never_waits_for_redis(monkeypatch):
    async def never(_group, _channel):
        await asyncio.Event().wait()

    async with asyncio.timeout(SOON_S):
        async with nudge.listening(GROUP):
            monkeypatch.setattr(nudge, "DEADLINE_S", 0.3)
            monkeypatch.setattr(get_channel_layer(), "group_discard", never)
        assert get_channel_layer().channels == {}
