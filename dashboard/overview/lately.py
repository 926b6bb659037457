"""What was read a moment ago, for all who ask for the same in this process.

Figures of a whole fleet cost more than every page may.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, cast

_kept: dict[tuple[str, int], tuple[float, Any]] = {}
_lock = threading.Lock()


def lately[T](name: str, network_id: int, seconds: float, read: Callable[[], T]) -> T:
    """What ``read`` gave at most so many seconds ago; two who ask at once may both read."""
    key = (name, network_id)
    now = time.monotonic()
    with _lock:
        kept = _kept.get(key)
    if kept is not None and now - kept[0] < seconds:
        return cast("T", kept[1])
    found = read()
    with _lock:
        _kept[key] = (now, found)
    return found


def forget() -> None:
    """Read everything anew."""
    with _lock:
        _kept.clear()
