"""When what failed is tried again, and when no more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

# After the first attempt, the second, and so on; together 27.6 h. Source: Standard Webhooks.
DELAYS_S = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
ATTEMPTS = len(DELAYS_S) + 1
# So much longer at most, so that what failed at one moment doesn't come back at one moment.
JITTER = 0.1
# A receiver may ask for this much patience with Retry-After, for all that goes to it.
LONGEST_WISH_S = 3600

# An endpoint that never succeeds for so long, in so many attempts, is told no more.
GIVE_UP_AFTER = timedelta(hours=120)
GIVE_UP_FAILURES = 5
# One that has failed for so long is asked now and then whether it is back, if no attempt is due sooner.
AWAY_AFTER = timedelta(minutes=1)
PROBE_EVERY_S = 60.0
# After so many failures in a row a success means that it is back, and what waits is tried at once.
AWAY_FAILURES = 5
GONE = 410


def next_attempt_at(
    failed: int, at: datetime, *, jitter: float, wished_s: float | None = None
) -> datetime | None:
    """When to try again; None: never.

    Args:
        failed: How many attempts have failed, this one included.
        at: When this one did.
        jitter: A random number between 0 and 1.
        wished_s: What the receiver asked for with Retry-After.
    """
    if failed >= ATTEMPTS:
        return None
    delay_s = DELAYS_S[failed - 1] * (1 + JITTER * jitter)
    return at + timedelta(seconds=max(delay_s, min(wished_s or 0, LONGEST_WISH_S)))


def wished_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that an answer's Retry-After asks for, whether it is a number or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        return max((moment - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):  # no date, one without a zone, or one of no calendar
        return None


def not_before(headers: Mapping[str, str], at: datetime) -> datetime | None:
    """Until when a receiver that failed at a time asks to be left alone; None: it doesn't."""
    wished = wished_s(headers, at)
    return at + timedelta(seconds=min(wished, LONGEST_WISH_S)) if wished else None


def gives_up(failing_since: datetime | None, failures: int, now: datetime) -> bool:
    """Whether an endpoint has failed long enough."""
    if failing_since is None or failures < GIVE_UP_FAILURES:
        return False
    return now - failing_since >= GIVE_UP_AFTER
