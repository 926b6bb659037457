"""Deviations: in which ways a station's messages differ from OCPP, counted."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from emobi.core import clock, unit_of_work
from emobi.core.batch import Query
from stations.models import Station

# Kinds of deviation that are kept of a station. Names in a path come from the station, so it could make up
# any number of them.
MOST_KINDS = 500


class Deviating(Protocol):
    """A deviation as whoever finds it describes it."""

    @property
    def path(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Found(NamedTuple):
    """A deviation that a service finds."""

    path: str
    rule: str
    detail: str


# Beyond the limit only kinds that are known already are counted on.
_COUNT = f"""
WITH row AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb)
        AS r(o int, s bigint, a text, p text, r text, d text, c bigint, f timestamptz, l timestamptz)
), new AS (
    SELECT o, row_number() OVER (PARTITION BY s ORDER BY o) AS nth FROM row WHERE NOT EXISTS (
        SELECT FROM stations_deviation WHERE station_id = s AND action = a AND path = p AND rule = r
    )
)
INSERT INTO stations_deviation AS known (station_id, action, path, rule, detail, count, first_at, last_at)
SELECT s, a, p, r, d, c, f, l FROM row LEFT JOIN new USING (o)
WHERE nth IS NULL OR nth + (SELECT count(*) FROM stations_deviation WHERE station_id = s) <= {MOST_KINDS}
ORDER BY o
ON CONFLICT (station_id, action, path, rule) DO UPDATE SET
    count = known.count + excluded.count, detail = excluded.detail, last_at = excluded.last_at
"""


class _Counted:
    """The deviations of a unit of work."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str, str, str], dict[str, Any]] = {}

    def flush(self) -> Sequence[Query]:
        # Sorted: two processes that count the same lock it in the same order.
        return [(_COUNT, [row | {"o": order} for order, (_, row) in enumerate(sorted(self.rows.items()))])]


def note(station: Station, action: str, found: Iterable[Deviating]) -> None:
    """Count the deviations of a message of ``station``; "" is the action where there was none to read."""
    rows = unit_of_work.current().buffer(_Counted).rows
    action, now = action[:64], clock.now()
    for one in found:
        path, rule = one.path[:200], one.rule[:64]
        row = rows.setdefault(
            (station.pk, action, path, rule),
            {"s": station.pk, "a": action, "p": path, "r": rule, "c": 0, "f": now},
        )
        row["c"] += 1
        row["d"], row["l"] = one.detail[:300], now
