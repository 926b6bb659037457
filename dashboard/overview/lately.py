"""What was read a moment ago, for all who ask for the same in this process.

Figures of a whole fleet cost more than every page may.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, cast

# Whoever looks chooses periods and zones: more than so many aren't kept.
MOST_KEPT = 500

# Until when, by the monotonic clock, and what; in the order in which they were read.
_kept: dict[tuple[str, int], tuple[float, Any]] = {}
_lock = threading.Lock()


def lately[T](name: str, network_id: int, seconds: float, read: Callable[[], T]) -> T:
    """What ``read`` gave at most so many seconds ago; two who ask at once may both read."""
    key = (name, network_id)
    now = time.monotonic()
    with _lock:
        kept = _kept.get(key)
    if kept is not None and now < kept[0]:
        return cast("T", kept[1])
    found = read()
    with _lock:
        _kept.pop(key, None)
        _make_room(now)
        _kept[key] = (now + seconds, found)
    return found


def _make_room(now: float) -> None:
    """Drop what is old, and if need be what was read first."""
    for key in [key for key, (until, _) in _kept.items() if until <= now]:
        del _kept[key]
    while len(_kept) >= MOST_KEPT:
        del _kept[next(iter(_kept))]


def forget() -> None:
    """Read everything anew."""
    with _lock:
        _kept.clear()
