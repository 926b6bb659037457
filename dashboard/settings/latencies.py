"""How long events take until others have them, from their own times."""

from dashboard import plots
from emobi.core import metric_snapshots, metrics

# What 99 of 100 events are promised to take, at the load of `make bench`.
PROMISED_MS = 120

# In ms, as the figures of processes are counted; what took longer than a minute is in the last bin.
_EDGES_MS = (0.0, *(bound * 1000 for bound in metrics.SECONDS))


def to_stream() -> plots.Histogram:
    """From an event until the stream's clients were given it; of all networks, since each web process began.

    It asks Redis alone; without it there is what this process counted itself.
    """
    name = metrics.INGEST_TO_STREAM.snapshot()["name"]
    counts = [0] * (len(_EDGES_MS) - 1)
    for figures in metric_snapshots.of_all().values():
        for figure in figures:
            if figure["name"] == name and len(figure["counts"]) == len(counts) + 1:
                for position, count in enumerate(figure["counts"]):
                    counts[min(position, len(counts) - 1)] += count
    return plots.Histogram(
        caption="From the event to the stream's clients",
        unit="ms",
        edges=_EDGES_MS,
        counts=counts,
        finding="" if any(counts) else "No event was told to a client of the stream yet",
    )
