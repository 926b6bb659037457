"""Figures of all processes: each puts its own into Redis now and then, where they last a little longer.

Without Redis figures are missing, and nothing else.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from typing import Any

import orjson
import redis
import redis.asyncio
from django.conf import settings

from emobi.core import metrics

log = logging.getLogger(__name__)

EVERY_S = 5.0
KEPT_S = 20
DEADLINE_S = 1.0
_PREFIX = "emobi:metrics:"


def process() -> str:
    """This process's name, as no other of the installation has it."""
    name = os.environ.get("EMOBI_PROCESS") or f"process-{os.getpid()}"
    return f"{socket.gethostname()}/{name}"


async def publish(name: str = "") -> None:
    """Put this process's figures where all can see them, again and again; never returns.

    Args:
        name: Another one than the process's own.
    """
    name = name or process()
    client = redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S
    )
    try:
        while True:
            try:
                await client.set(_PREFIX + name, orjson.dumps(metrics.snapshot()), ex=KEPT_S)
            except redis.RedisError as failure:
                log.warning("figures aren't shown: %r", failure)
            await asyncio.sleep(EVERY_S)
    finally:
        await client.aclose()


def of_all() -> Mapping[str, list[dict[str, Any]]]:
    """The figures of each process that runs, by its name; of this one alone while Redis is away."""
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S
        ) as client:
            keys = list(client.scan_iter(match=f"{_PREFIX}*", count=1000))
            values = client.mget(keys) if keys else []
        for key, value in zip(keys, values, strict=True):
            if value is not None:
                found[key.decode().removeprefix(_PREFIX)] = orjson.loads(value)
    except redis.RedisError as failure:
        log.warning("figures of other processes aren't shown: %r", failure)
    return found | {process(): metrics.snapshot()}
