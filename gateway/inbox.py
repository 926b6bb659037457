"""What a station sent and the application hasn't taken yet."""

import asyncio
from collections.abc import Callable
from typing import Any, override

type Event = dict[str, Any]


class Inbox(asyncio.Queue[Event]):
    """The application's ``receive``: says when it holds enough, and again when it has been emptied.

    Bounded by the caller, who stops reading: an ASGI server can neither drop an event nor wait in the middle
    of a read.
    """

    # OCPP allows a station one open CALL: whoever has this much on the way sends faster than it is served.
    MESSAGES = 32
    CHARACTERS = 1 << 20

    def __init__(self, on_change: Callable[[], None]) -> None:
        """``on_change`` is called whenever `sated` changes."""
        super().__init__()
        self.sated = False
        self._on_change = on_change
        self._characters = 0

    @override
    def _put(self, item: Event) -> None:
        super()._put(item)
        self._characters += _size(item)
        if not self.sated and (self.qsize() >= self.MESSAGES or self._characters >= self.CHARACTERS):
            self._become(sated=True)

    @override
    def _get(self) -> Event:
        event = super()._get()
        self._characters -= _size(event)
        if self.sated and self.empty():
            self._become(sated=False)
        return event

    def _become(self, *, sated: bool) -> None:
        self.sated = sated
        self._on_change()


def _size(event: Event) -> int:
    return len(event.get("text") or event.get("bytes") or "")
