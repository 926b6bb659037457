"""The message log's writer, and its partitions: a day each, made ahead, dropped when their time is over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from emobi.core import clock
from emobi.core.batch import Query
from stations import frame_ids, masking

# One behind for clocks that jump; ahead as long as nobody may have to look after it.
DAYS_BEHIND, DAYS_AHEAD = 1, 3
_PARTITION = re.compile(r"stations_frame_(\d{8})")
# One runner at a time makes or drops partitions; the number is this job's own.
_LOCK = 0x656D6F6269

_INSERT = """
INSERT INTO stations_frame (
    id, at, network_id, station_id, direction, kind, message_id, action, error_code, note, text, pair_id,
    round_trip_ms
)
SELECT i, t, n, s, d, k, m, a, e, o, x, p, r FROM jsonb_to_recordset(%s::jsonb) AS frame(
    i bigint, t timestamptz, n bigint, s bigint, d smallint, k smallint,
    m text, a text, e text, o text, x text, p bigint, r double precision
)
"""

# One pair at a time: of an id that is compared, not joined, only the partition is looked at.
_PAIR = """
WITH pair AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%s::jsonb) AS r(c bigint, a bigint))
UPDATE stations_frame SET pair_id = (SELECT a FROM pair) WHERE id = (SELECT c FROM pair)
"""


class FrameLog:
    """Frames of a unit of work, written in one statement."""

    def __init__(self) -> None:
        self._rows: list[Mapping[str, Any]] = []
        self._pairs: list[tuple[int, int]] = []

    def add(
        self,
        *,
        id: int,
        at: datetime,
        network_id: int,
        station_id: int,
        direction: int,
        kind: int,
        text: str,
        message_id: str = "",
        action: str = "",
        error_code: str = "",
        note: str = "",
        pair_id: int | None = None,
        round_trip_ms: float | None = None,
    ) -> None:
        """Log a frame, masked; the columns are `stations.models.Frame`'s."""
        self._rows.append(
            {
                "i": id, "t": clock.iso(at), "n": network_id, "s": station_id, "d": direction, "k": kind,
                "m": storable(message_id), "a": action, "e": error_code, "o": note,
                "x": storable(masking.text(action, text)), "p": pair_id, "r": round_trip_ms,
            }
        )  # fmt: skip

    def pair(self, call_id: int, answer_id: int) -> None:
        """Tell a CALL that was logged before who answered it."""
        self._pairs.append((call_id, answer_id))

    def flush(self) -> Sequence[Query]:
        queries: list[Query] = []
        if self._rows:
            queries.append((_INSERT, self._rows))
        queries.extend((_PAIR, [{"c": call_id, "a": answer_id}]) for call_id, answer_id in self._pairs)
        return queries


def storable(text: str) -> str:
    """A text as it is stored: PostgreSQL knows no NUL, and UTF-8 no half surrogate pair; frames do."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def keep_partitions(today: date) -> None:
    """Make the partitions of the days around ``today`` (UTC), and drop those whose retention is over.

    Idempotent; a second runner waits for the first. Rows that found no partition of their day wait in the
    default one and are moved, however long nobody ran.

    Raises:
        django.db.OperationalError: If the log is too busy to be held up for a moment; the next run is due.
    """
    expired = today - timedelta(days=settings.EMOBI_MESSAGE_RETENTION_DAYS)
    with _alone() as cursor:
        days = {today + timedelta(days=n) for n in range(-DAYS_BEHIND, DAYS_AHEAD + 1)}
        days |= {day for day in _days_waiting(cursor) if expired <= day <= max(days)}
        missing = days - _days(cursor)
        if missing:
            # From here to the end nobody may add rows that would have to be moved as well.
            cursor.execute("LOCK TABLE stations_frame_default")
        for day in sorted(missing):
            _make(cursor, day)
    with _alone() as cursor:
        for day in sorted(_days(cursor)):
            if day < expired:
                cursor.execute(f"DROP TABLE {_name(day)}")
        cursor.execute("DELETE FROM stations_frame_default WHERE id < %s", [frame_ids.first_of(expired)])


@contextmanager
def _alone() -> Iterator[CursorWrapper]:
    """A transaction that no other runner is in, and that gives way to the log's writers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        yield cursor


def _days(cursor: CursorWrapper) -> set[date]:
    """The days that have a partition."""
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'stations_frame'::regclass"
    )
    names = [_PARTITION.fullmatch(name) for (name,) in cursor.fetchall()]
    return {date.fromisoformat(name[1]) for name in names if name}


def _days_waiting(cursor: CursorWrapper) -> set[date]:
    """The days from the oldest row of the default partition to the newest."""
    cursor.execute("SELECT min(id), max(id) FROM stations_frame_default")
    oldest, newest = cursor.fetchone()
    if oldest is None:
        return set()
    first, last = frame_ids.day_of(oldest), frame_ids.day_of(newest)
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def _name(day: date) -> str:
    return f"stations_frame_{day:%Y%m%d}"


def _make(cursor: CursorWrapper, day: date) -> None:
    """Make a day's partition; it is attached when it is complete, so the log is held up for a moment only."""
    low, high = frame_ids.first_of(day), frame_ids.first_of(day + timedelta(days=1))
    cursor.execute(f"CREATE TABLE {_name(day)} (LIKE stations_frame INCLUDING DEFAULTS)")
    cursor.execute(
        f"WITH moved AS (DELETE FROM stations_frame_default WHERE id >= {low} AND id < {high} RETURNING *)"
        f" INSERT INTO {_name(day)} SELECT * FROM moved"
    )
    cursor.execute(
        f"ALTER TABLE stations_frame ATTACH PARTITION {_name(day)} FOR VALUES FROM ({low}) TO ({high})"
    )
