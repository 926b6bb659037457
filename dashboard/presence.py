"""When somebody was here last: told by the live pages that they have open, and written every few minutes."""

import time
from collections import OrderedDict

from allauth.usersessions.models import UserSession

from emobi.core import clock

EVERY_S = 300.0
LARGEST = 10_000

# When this process wrote it last, by session; on a monotonic clock.
_written: OrderedDict[str, float] = OrderedDict()


def note(key: str) -> None:
    """Note that the session of that key is in use."""
    now = time.monotonic()
    if now - _written.get(key, float("-inf")) < EVERY_S:
        return
    _written[key] = now
    _written.move_to_end(key)
    while len(_written) > LARGEST:
        _written.popitem(last=False)
    UserSession.objects.filter(session_key=key).update(last_seen_at=clock.wall())
