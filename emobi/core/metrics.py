"""Figures of this process, counted as things happen. `emobi.metrics` shows those of all to Prometheus.

Counting is a dictionary or list access, a fraction of a microsecond, so that it may stand on the message
path; prometheus-client's own counters take a lock each time. Each figure is counted in one thread only.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

# Of times in seconds: what is promised is 0.12.
SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)

_figures: "list[Counter | Histogram | Gauge]" = []


class Counter:
    """How often something happened, by labels. The name is without its unit's `_total`."""

    def __init__(self, name: str, about: str, labels: Sequence[str]) -> None:
        self._shown = {"kind": "counter", "name": name, "about": about, "labels": list(labels)}
        self._counts: dict[tuple[str, ...], int] = {}
        _figures.append(self)

    def add(self, *labels: str) -> None:
        """Count one."""
        self._counts[labels] = self._counts.get(labels, 0) + 1

    def snapshot(self) -> dict[str, Any]:
        return self._shown | {"samples": [[list(labels), n] for labels, n in list(self._counts.items())]}


class Histogram:
    """How large something was: a count for each bucket, by its upper bound, and the sum of all."""

    def __init__(self, name: str, about: str, bounds: Sequence[float] = SECONDS) -> None:
        self._shown = {"kind": "histogram", "name": name, "about": about, "bounds": list(bounds)}
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        _figures.append(self)

    def observe(self, value: float) -> None:
        """Count one of this size."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def snapshot(self) -> dict[str, Any]:
        return self._shown | {"counts": list(self._counts), "sum": self._sum}


class Gauge:
    """What something is now; nothing is shown of a process that doesn't say how it is read."""

    def __init__(self, name: str, about: str) -> None:
        self._shown = {"kind": "gauge", "name": name, "about": about}
        self._read: Callable[[], float] | None = None
        _figures.append(self)

    def read_by(self, read: Callable[[], float]) -> None:
        """Have it read so from now on, on the thread that takes snapshots."""
        self._read = read

    def snapshot(self) -> dict[str, Any]:
        return self._shown | {"value": None if self._read is None else self._read()}


def snapshot() -> list[dict[str, Any]]:
    """All figures as JSON has them."""
    return [figure.snapshot() for figure in _figures]


CALLS = Counter(
    "emobi_ocpp_calls", "CALLs of OCPP, received from stations and sent.", ("action", "direction")
)
HANDLING = Histogram(
    "emobi_ocpp_handling_seconds", "From the receipt of a station's CALL until its answer was written."
)
BATCH_SIZE = Histogram(
    "emobi_batch_size", "Pieces of work of one commit.", (1, 2, 5, 10, 20, 50, 100, 200, 400)
)
CONNECTED_STATIONS = Gauge("emobi_connected_stations", "Sockets of stations that this process holds.")
WAITING_WORK = Gauge("emobi_waiting_work", "Pieces of work that wait for their commit.")
COMMITS_BEHIND = Gauge(
    "emobi_commits_behind_seconds", "For how long the oldest piece of work waits for its commit."
)
STREAM_CLIENTS = Gauge("emobi_stream_clients", "Clients of the event stream.")
INGEST_TO_WEBHOOK = Histogram(
    "emobi_ingest_to_webhook_seconds",
    "From an event's time until a webhook's receiver had answered, where the first attempt succeeded.",
)
INGEST_TO_STREAM = Histogram(
    "emobi_ingest_to_stream_seconds", "From an event's time until it was handed to the stream's clients."
)
