"""Failed sign-ins, counted for all gateway processes together, in Redis; and in each by itself.

Redis is asked only when a sign-in has failed: who gets in costs it nothing. So a process learns that a peer
has failed too often elsewhere with the next failure that it sees itself: beyond the ten of a minute there is
one more for each process. Without Redis each process goes by its own, which it counts in any case.
"""

import hashlib
import logging
import math
import time

import redis
import redis.asyncio
from django.conf import settings

from gateway.limits import FAILURES, WINDOW_S, FailedSignIns

log = logging.getLogger(__name__)

# Redis answers at once, or not at all; after a failure it is left alone for a while.
DEADLINE_S = 0.25
LEFT_ALONE_S = 5.0
_PREFIX = "emobi:failed-sign-ins:"

# How long the peer has to wait, in ms: until a minute after the first of its failures.
_COUNT = """
local failures = redis.call('INCR', KEYS[1])
if failures == 1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return failures >= tonumber(ARGV[1]) and redis.call('PTTL', KEYS[1]) or 0
"""

type Peer = tuple[str, str]


class SharedFailures:
    """Who has failed how often; for the event loop."""

    def __init__(self) -> None:
        self._own = FailedSignIns()
        self._client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S
        )
        self._count = self._client.register_script(_COUNT)
        self._left_alone_until = float("-inf")

    def wait_s(self, peer: Peer) -> int:
        """Seconds until this peer may try again; 0 if it may now. Without I/O."""
        return self._own.wait_s(peer, time.monotonic())

    async def add(self, peer: Peer) -> None:
        """Note a failure, here and for the others; takes `DEADLINE_S` at most. Never raises."""
        self._own.add(peer, time.monotonic())
        if time.monotonic() < self._left_alone_until:
            return
        key = _PREFIX + hashlib.sha256("\n".join(peer).encode()).hexdigest()
        try:
            wait_ms = int(await self._count(keys=[key], args=[FAILURES, math.ceil(WINDOW_S * 1000)]))
        except redis.RedisError as failure:
            log.warning("failed sign-ins are counted in this process alone: %r", failure)
            self._left_alone_until = time.monotonic() + LEFT_ALONE_S
            return
        if wait_ms > 0:
            self._own.hold(peer, time.monotonic() + wait_ms / 1000)

    async def close(self) -> None:
        """Let Redis go."""
        await self._client.aclose()
