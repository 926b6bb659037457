"""How often a key may ask: `EMOBI_API_REQUESTS_PER_MINUTE`, counted in Redis for all processes together.

The generic cell rate algorithm: a key holds one moment, the one at which its allowance is whole again. Redis
is a convenience here as everywhere: without it nobody is refused.
"""

import logging
import math
import time

import redis
from django.conf import settings

log = logging.getLogger(__name__)

# What may be asked at one moment, in seconds of the allowance.
BURST_S = 10
# Redis answers at once, or not at all; after a failure it is left alone for a while.
_DEADLINE_S = 0.25
_LEFT_ALONE_S = 5.0

# In microseconds of Redis' own clock, which all processes share. Returns how long to wait.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local whole_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local wait = whole_at - now - ARGV[2]
if wait > 0 then
    return math.ceil(wait)
end
local next_at = whole_at + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', next_at), 'PX', math.ceil((next_at - now) / 1000) + 1)
return 0
"""


class TooManyRequests(Exception):
    """The key has asked too often.

    Attributes:
        retry_after_s: After which it may ask again.
    """

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"This key has asked too often; try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class RateLimit:
    """An allowance of requests for each of many askers, shared by all processes of one Redis."""

    def __init__(self, url: str) -> None:
        client = redis.Redis.from_url(url, socket_timeout=_DEADLINE_S, socket_connect_timeout=_DEADLINE_S)
        self._take = client.register_script(_TAKE)
        self._left_alone_until = 0.0

    def take(self, asker: str, per_minute: int) -> None:
        """Count one request of ``asker``; 0 a minute is no limit.

        Raises:
            TooManyRequests: If its allowance is used up. A refused request isn't counted.
        """
        if not per_minute or time.monotonic() < self._left_alone_until:
            return
        interval_us = 60_000_000 // per_minute
        # One more than fits the burst is let through as the first of it.
        tolerance_us = max(0, BURST_S * 1_000_000 - interval_us)
        try:
            wait_us = int(self._take(keys=[f"emobi:api:{asker}"], args=[interval_us, tolerance_us]))
        except redis.RedisError as failure:
            log.warning("API requests aren't counted: %r", failure)
            self._left_alone_until = time.monotonic() + _LEFT_ALONE_S
            return
        if wait_us:
            raise TooManyRequests(math.ceil(wait_us / 1_000_000))


_limit = RateLimit(settings.REDIS_URL)


def count(asker: str) -> None:
    """Count one request to the API.

    Raises:
        TooManyRequests: If there were too many.
    """
    _limit.take(asker, settings.EMOBI_API_REQUESTS_PER_MINUTE)
