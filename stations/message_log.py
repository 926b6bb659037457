"""Reads of the message log: any filter, any table size, some milliseconds.

Pages are read by id, newest first (`stations.frame_ids`: ids grow with time). What has an index of its own
narrows the read: the network, a station, an action, errors. What hasn't (text, kind, direction, an error's
code) is looked for in a bounded number of rows: a page may then be short, or empty, and still have a next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import prefetch_related_objects

from stations import frame_ids
from stations.models import Direction, Frame, Kind

# Rows that one page may look at: for a text, some 40 ms on a machine with two cores.
MOST_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which frames of a network: all that is given has to fit.

    Attributes:
        station_id: Of one station.
        action: Of CALLs and of what answers them.
        direction: Received or sent.
        kind: CALL, result, error or damaged.
        error_code: Of errors, as it was spelt.
        since: Received or sent then or later, by our clock.
        until: Before then.
        text: Part of the frame, in whatever case (of ASCII letters); "" is part of each.
    """

    network_id: int
    station_id: int | None = None
    action: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None
    error_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A frame and its pair: of a CALL what answered it, of an answer what it answers."""

    frame: Frame
    pair: Frame | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Frames in the order they were asked for; ``next`` is where to go on, None at the end."""

    items: Sequence[Exchange]
    next: int | None


def page(wanted: Filter, *, before: int | None = None, after: int | None = None, limit: int = 100) -> Page:
    """A page of the log: newest first, older than ``before``; or, given ``after``, oldest first and newer.

    Args:
        wanted: Which frames.
        before: ``next`` of a page, or a frame's id.
        after: The same on the way to what is newer.
        limit: How many at most.
    """
    if wanted.error_code is not None and wanted.kind not in (None, Kind.ERROR):
        return Page(items=(), next=None)  # nothing else has one
    look = _Look(wanted, before, after)
    found = look.frames(limit + 1)
    if len(found) > limit:
        return Page(items=_exchanges(found[:limit]), next=found[limit - 1].pk)
    return Page(items=_exchanges(found), next=look.end())


class _Look:
    """A read of the log in one direction: the rows that an index gives in order, and which of them fit."""

    def __init__(self, wanted: Filter, before: int | None, after: int | None) -> None:
        self._rows: dict[str, Any] = {"network_id = %s": wanted.network_id}
        self._fit: dict[str, Any] = {}
        self._order = "id" if after is not None else "id DESC"
        self._narrow(wanted)
        bounds = {
            "id > %s": after,
            "id < %s": before,
            "id >= %s": wanted.since and frame_ids.lowest(wanted.since),
            "id <  %s": wanted.until and frame_ids.lowest(wanted.until),
        }
        self._rows |= {condition: bound for condition, bound in bounds.items() if bound is not None}

    def _narrow(self, wanted: Filter) -> None:
        """One filter chooses the index; the others are held against the rows."""
        fit = self._fit
        is_error = wanted.kind == Kind.ERROR or wanted.error_code is not None
        if wanted.station_id is not None:
            self._rows["station_id = %s"] = wanted.station_id
        elif is_error:
            self._rows["kind = %s"] = Kind.ERROR
        elif wanted.action is not None:
            self._rows["action = %s"] = wanted.action
        fit["action = %s"] = wanted.action
        fit["kind = %s"] = Kind.ERROR if is_error else wanted.kind
        fit["direction = %s"] = wanted.direction
        fit["error_code = %s"] = wanted.error_code
        # Without a collation's rules only ASCII letters have case, which is quick wherever it runs.
        fit['text COLLATE "C" ILIKE %s'] = f"%{escaped(wanted.text)}%" if wanted.text else None
        self._fit = {
            condition: value
            for condition, value in fit.items()
            if value is not None and condition not in self._rows
        }

    def frames(self, most: int) -> list[Frame]:
        """The first frames that fit."""
        rows = f"SELECT * FROM stations_frame WHERE {' AND '.join(self._rows)} ORDER BY {self._order}"
        parameters = [*self._rows.values()]
        if self._fit:
            rows = f"SELECT * FROM ({rows} LIMIT {MOST_ROWS}) AS looked_at WHERE {' AND '.join(self._fit)}"
            rows += f" ORDER BY {self._order}"
            parameters += self._fit.values()
        return list(Frame.objects.raw(f"{rows} LIMIT {most}", parameters))

    def end(self) -> int | None:
        """Where the rows end that `frames` looked at; None where the log ends first."""
        if not self._fit:
            return None
        statement = (
            f"SELECT id FROM stations_frame WHERE {' AND '.join(self._rows)}"
            f" ORDER BY {self._order} OFFSET {MOST_ROWS - 1} LIMIT 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*self._rows.values()])
            last = cursor.fetchone()
        return last[0] if last else None


def escaped(text: str) -> str:
    """``text`` as a pattern that matches only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _exchanges(frames: Sequence[Frame]) -> list[Exchange]:
    pairs = Frame.objects.in_bulk([frame.pair_id for frame in frames if frame.pair_id is not None])
    prefetch_related_objects(frames, "station")
    return [
        Exchange(frame=frame, pair=pairs.get(frame.pair_id) if frame.pair_id is not None else None)
        for frame in frames
    ]
