"""When the parts of Emobi that only Redis knows of were heard last: beat, and whoever works on each queue.

Without Redis nothing is noted and nothing known; whoever asks is told so by the exception.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import redis
from django.conf import settings

from emobi.core import clock

log = logging.getLogger(__name__)

# The parts: beat, and a queue's workers by the queue's name (`emobi.celery` says what each is for).
BEAT = "beat"
OPERATE, DELIVER, UPKEEP = "operate", "deliver", "upkeep"

# One part notes itself no more often than this, in each process.
EVERY_S = 3.0
KEPT_S = 30 * 86400
DEADLINE_S = 1.0
_PREFIX = "emobi:heard:"

_noted: dict[str, float] = {}


def note(part: str) -> None:
    """Note that a part has just been seen at work; never raises, and costs nothing most of the time."""
    now = time.monotonic()
    if now - _noted.get(part, float("-inf")) < EVERY_S:
        return
    _noted[part] = now
    try:
        with _client() as client:
            client.set(_PREFIX + part, clock.iso(clock.wall()) or "", ex=KEPT_S)
    except redis.RedisError as failure:
        log.warning("not noted that %s is at work: %r", part, failure)


def last(parts: Sequence[str]) -> Mapping[str, datetime | None]:
    """When each part was heard last, by its own clock; None where it never was.

    Raises:
        redis.RedisError: If Redis doesn't answer within a second.
    """
    with _client() as client:
        found = client.mget([_PREFIX + part for part in parts])
    return {
        part: datetime.fromisoformat(text.decode()) if text else None
        for part, text in zip(parts, found, strict=True)
    }


def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S
    )
