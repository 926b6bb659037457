"""What is on its way to one endpoint: in order for each station, and no more at a time than it takes.

Without I/O: deliveries come in as they were read, and go out one by one as there is room for them. A lane
lives in the event loop; the thread with the database gets a `View` of it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from webhooks.models import Delivery, Endpoint
from webhooks.services.queueing import Settled

# Read ahead, so that the connections don't wait for the database.
WINDOW = 256
IN_FLIGHT = 32
# Of one that fails: its slow time-outs are to hold few sockets.
IN_FLIGHT_FAILING = 4


class Lane:
    """One endpoint's.

    Attributes:
        endpoint: Its row, as it was last read.
        closing: The endpoint is gone or disabled: nothing more is started.
        probe_at: When it may be asked again whether it is back; by the monotonic clock.
        rests_until: Something went wrong with it that nobody foresaw: until then its rows are left alone.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.closing = False
        self.probe_at = 0.0
        self.rests_until = 0.0
        self._in_flight: dict[str, Delivery] = {}
        self._queued: dict[str, deque[Delivery]] = {}
        self._settled: list[Settled] = []

    def view(self) -> "View":
        """What is to be written down of it now, and what needn't be read. It is told when that is done."""
        settled, self._settled = self._settled, []
        queued = {one.pk for queue in self._queued.values() for one in queue}
        busy = frozenset(queued | {one.pk for one in self._in_flight.values()})
        return View(lane=self, settled=settled, busy=busy, idle=not self._in_flight)

    def written(self, view: "View", found: Iterable[Delivery]) -> None:
        """What the view held is written down, and ``found`` was read after that."""
        if any(one.not_before for one in self._settled):
            return
        failed_since = {one.delivery.station for one in self._settled if not one.result.ok}
        for one in found:
            # Behind a failure that isn't written down yet, nothing goes: its row will be held.
            if one.station not in failed_since:
                self._queued.setdefault(one.station, deque()).append(one)

    def start(self) -> Iterator[Delivery]:
        """Those that go out now."""
        if self.closing:
            self._queued.clear()
        limit = IN_FLIGHT_FAILING if self.endpoint.failures else IN_FLIGHT
        for station in [each for each in self._queued if each not in self._in_flight]:
            if len(self._in_flight) >= limit:
                return
            queue = self._queued[station]
            one = self._in_flight[station] = queue.popleft()
            if not queue:
                del self._queued[station]
            yield one

    def end(self, settled: Settled) -> None:
        """One came back. After a failure its station's next ones have to wait; all, if the receiver asks."""
        station = settled.delivery.station
        del self._in_flight[station]
        self._settled.append(settled)
        if not settled.result.ok:
            self._queued.pop(station, None)
            if settled.not_before:
                self._queued.clear()


@dataclass(frozen=True, kw_only=True)
class View:
    """A lane as it was when the event loop looked."""

    lane: Lane
    settled: Sequence[Settled]
    busy: frozenset[int]
    idle: bool

    @property
    def room(self) -> int:
        """How many may be read."""
        return WINDOW - len(self.busy)
