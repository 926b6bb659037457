"""No more points than can be seen: what a line of a thousand pixels shows of a hundred thousand values."""

from collections.abc import Iterator, Sequence
from datetime import datetime

type Sample = tuple[datetime, float | None]


def thinned(samples: Sequence[Sample], columns: int) -> Sequence[Sample]:
    """At most about four samples a column of equal time: its first, lowest, highest and last.

    So no peak is lost, which an average or every n-th sample would lose. A gap (None) stays one.
    """
    if len(samples) <= columns * 2:
        return samples
    first = samples[0][0].timestamp()
    width = max((samples[-1][0].timestamp() - first) / columns, 1e-9)
    kept: list[Sample] = []
    column: list[Sample] = []
    current = 0
    for sample in samples:
        position = int((sample[0].timestamp() - first) / width)
        if position != current:
            kept += _corners(column)
            column, current = [], position
        column.append(sample)
    return [*kept, *_corners(column)]


def _corners(column: Sequence[Sample]) -> Iterator[Sample]:
    known = [(value, position) for position, (_, value) in enumerate(column) if value is not None]
    gaps = [position for position, (_, value) in enumerate(column) if value is None]
    # One gap a column says enough.
    wanted = {0, len(column) - 1, *gaps[:1]}
    if known:
        wanted |= {min(known)[1], max(known)[1]}
    return (column[position] for position in sorted(wanted) if position < len(column))
