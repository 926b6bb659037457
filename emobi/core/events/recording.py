"""Facts into the open unit of work: numbered in commit order, written right before the commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from emobi.core import clock, ulid, unit_of_work
from emobi.core.batch import Query
from emobi.core.events.model import Event, Subject


def record(subject: Subject, event: Event) -> str:
    """Record a fact in the open unit of work; return the event's id.

    Raises:
        emobi.core.unit_of_work.NoUnitOfWork: If none is open: facts and changes commit together.
    """
    work = unit_of_work.current()
    event_id = ulid.new()
    work.buffer(_Recorded, last=True).rows.append(
        {
            "i": event_id,
            "n": subject.network_id,
            "y": event.type,
            "s": subject.station,
            "v": subject.ocpp_version,
            "t": clock.iso(clock.now()),
            "d": orjson.Fragment(encoded(event)),
        }
    )
    work.nudge(f"live.{subject.network_id}", subject.station or "")
    return event_id


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """``value`` as JSON has it: times ISO 8601 with Z, decimals numbers, tuples lists."""
    return orjson.loads(encoded(value))


def encoded(value: object) -> bytes:
    """The same as JSON text."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


# Dataclasses are walked by orjson itself, ten times as fast as in Python; those with __dict__ at least.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _plain(value: object) -> object:
    # Two of these for each value of a meter: a match takes twice as long.
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, Decimal):
        number = float(value)
        if not number.is_integer():
            return number
        return int(number) if abs(number) < _EXACT else int(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


# A float holds every whole number below it.
_EXACT = 2**53

_INSERT = """
WITH batch AS MATERIALIZED (
    SELECT r.*, row_number() OVER (PARTITION BY n ORDER BY o) AS k
    FROM jsonb_to_recordset(%s::jsonb)
        AS r(o int, i text, n bigint, y text, s text, v text, t timestamptz, d jsonb)
), numbered AS (
    INSERT INTO core_eventcounter AS counter (network_id, value) SELECT n, count(*) FROM batch GROUP BY n
    ON CONFLICT (network_id) DO UPDATE SET value = counter.value + excluded.value
    RETURNING network_id, value
)
INSERT INTO core_event (id, network_id, sequence, type, station, ocpp_version, "time", data)
SELECT i, n, value - count(*) OVER (PARTITION BY n) + k, y, s, v, t, d
FROM batch JOIN numbered ON numbered.network_id = batch.n
"""

# With several networks in one batch, two processes must lock their counters in the same order.
_LOCK = """
SELECT 1 FROM core_eventcounter WHERE network_id IN (
    SELECT n FROM jsonb_to_recordset(%s::jsonb) AS r(n bigint)
) ORDER BY network_id FOR NO KEY UPDATE
"""


class _Recorded:
    """The events of a unit of work, numbered and inserted right before its commit."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def flush(self) -> Sequence[Query]:
        networks = {row["n"] for row in self.rows}
        for order, row in enumerate(self.rows):
            row["o"] = order
        numbered: Query = (_INSERT, self.rows)
        if len(networks) == 1:
            return [numbered]
        return [(_LOCK, [{"n": network} for network in sorted(networks)]), numbered]
