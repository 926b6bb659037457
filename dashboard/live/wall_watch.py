"""What changes on the wall of a network, as indexes and letters."""

from collections.abc import Collection

import orjson

from dashboard.overview import wall
from emobi.core.models import Network

WALL = "wall"

# A nudge may be lost: how often all stations are read again.
SWEEP_S = 15.0
# With more changes than this at once it is cheaper to read them all.
MANY = 2000


class WallWatch:
    """The letters of a network's stations as they were told last."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._letters: dict[int, str] = {}
        self._places: dict[int, int] = {}
        # Of a network without stations, which a page of it has too: it isn't drawn anew for that.
        self._layout = wall.layout(())
        self._swept_at = float("-inf")

    def read(self, changed: Collection[str], now: float) -> bytes | None:
        """What is new since the last call; None if nothing is.

        Args:
            changed: Identities of stations that may have changed.
            now: By the event loop's clock, in seconds.
        """
        if now - self._swept_at >= SWEEP_S or len(changed) > MANY:
            self._swept_at = now
            return self._all(wall.letters(self._network))
        if not changed:
            return None
        found = wall.letters(self._network, changed)
        if not found.keys() <= self._places.keys():
            self._swept_at = now
            return self._all(wall.letters(self._network))
        return self._told(found)

    def whole(self) -> bytes:
        """All of it, as it was read last."""
        return orjson.dumps({"layout": self._layout, "all": "".join(self._letters.values())})

    def _all(self, found: dict[int, str]) -> bytes | None:
        if found.keys() == self._letters.keys():
            return self._told(found)
        self._letters = found
        self._places = {key: place for place, key in enumerate(found)}
        self._layout = wall.layout(found)
        return self.whole()

    def _told(self, found: dict[int, str]) -> bytes | None:
        new: list[int | str] = []
        for key, letter in found.items():
            if self._letters[key] != letter:
                self._letters[key] = letter
                new += (self._places[key], letter)
        return orjson.dumps({"layout": self._layout, "new": new}) if new else None
