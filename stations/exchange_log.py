"""Reads of the message log as exchanges: a CALL with what answered it, or a frame that stands alone.

As `stations.message_log`, pages go by id, newest first. One condition has an index of its own and gives the
rows: the network, a station, an action, errors. The others are held against a bounded number of these rows,
some of them against the other frame of the pair: a page may then be short, or empty, and still have a next.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from django.db import OperationalError, connection, transaction
from django.db.models import prefetch_related_objects

from stations import frame_ids
from stations.message_log import MOST_ROWS, Exchange, escaped
from stations.models import Direction, Frame, Kind

# Longer nobody waits to see how many there were.
COUNT_WITHIN_MS = 1500


class Result(StrEnum):
    """What came of an exchange."""

    ANSWERED = "answered"
    ERROR = "error"
    NONE = "none"
    ALONE = "alone"
    DAMAGED = "damaged"


class Pattern(NamedTuple):
    """What a frame's text may be like.

    A regular expression takes some 8 µs a frame, and looking for a text as it stands one or two: so that is
    done first, and only what holds it is held against the expression.

    Attributes:
        expression: As PostgreSQL's regular expressions have it.
        holds: Whatever fits has one of these in it, letter for letter.
    """

    expression: str
    holds: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which exchanges of a network: all that is given has to fit.

    Attributes:
        station_ids: Of any of these stations; None: of any at all, also one that was deleted.
        actions: Any of these.
        direction: Of the CALL, or of what stands alone.
        verdict: The status that the answer gives, in whatever case.
        error_code: Of the CALLERROR, in whatever case.
        slower_ms: Answered after so long, or longer; ``faster_ms``: sooner.
        larger: The longer of the two frames has so many octets, or more; ``smaller``: fewer.
        since: By our clock; ``until``: before then.
        deviation: Part of a note on how a frame deviates, or why it was ignored; "" is any note.
        texts: Each is somewhere in one of the frames, in whatever case (of ASCII letters).
        patterns: Each is found in one of the frames.
        values: Paths such as ``$.evse.id`` and what stands there in one of the payloads, as text.
    """

    network_id: int
    station_ids: Sequence[int] | None = None
    actions: Sequence[str] = ()
    direction: Direction | None = None
    result: Result | None = None
    verdict: str = ""
    error_code: str = ""
    slower_ms: float | None = None
    faster_ms: float | None = None
    larger: int | None = None
    smaller: int | None = None
    message_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    deviation: str | None = None
    texts: Sequence[str] = ()
    patterns: Sequence[Pattern] = ()
    values: Sequence[tuple[str, str]] = ()

    @property
    def is_error(self) -> bool:
        return self.result == Result.ERROR or bool(self.error_code)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Exchanges, the newest first; ``next`` is where to go on, None at the end."""

    items: Sequence[Exchange]
    next: int | None


@dataclass(frozen=True, slots=True)
class Volume:
    """How many frames from ``since`` on, and how many of them were errors."""

    since: datetime
    frames: int
    errors: int


def page(wanted: Wanted, *, before: int | None = None, limit: int = 100) -> Page:
    """A page of the log.

    Args:
        wanted: Which exchanges.
        before: ``next`` of a page.
        limit: How many at most.
    """
    if wanted.station_ids is not None and not wanted.station_ids:
        return Page(items=[], next=None)
    look = _Look(wanted, before)
    found = look.frames(limit + 1)
    end = found[limit - 1].pk if len(found) > limit else look.end()
    exchanges = exchanges_of(found[:limit])
    return Page(items=[each for each in exchanges if _has_values(wanted, each)], next=end)


def exchanges_of(frames: Sequence[Frame]) -> list[Exchange]:
    """Each frame with its pair, the CALL first. Two queries."""
    pairs = Frame.objects.in_bulk([frame.pair_id for frame in frames if frame.pair_id is not None])
    prefetch_related_objects(frames, "station")
    return [
        _ordered(frame, pairs.get(frame.pair_id) if frame.pair_id is not None else None) for frame in frames
    ]


def _ordered(frame: Frame, pair: Frame | None) -> Exchange:
    if pair is None or pair.kind != Kind.CALL:
        return Exchange(frame=frame, pair=pair)
    if "station" in frame._state.fields_cache:
        pair.station = frame.station
    return Exchange(frame=pair, pair=frame)


class _Look:
    """A read of the log: the rows that an index gives in order, and which of them fit."""

    def __init__(self, wanted: Wanted, before: int | None) -> None:
        self._rows: dict[str, Any] = {"network_id = %s": wanted.network_id}
        self._fit: list[tuple[str, list[Any]]] = []
        self._from_errors = False
        # An expression is as dear as several texts.
        self._most_rows = MOST_ROWS // 2 if wanted.patterns else MOST_ROWS
        self._index(wanted)
        bounds = {
            "id < %s": before,
            "id >= %s": wanted.since and frame_ids.lowest(wanted.since),
            "id <  %s": wanted.until and frame_ids.lowest(wanted.until),
        }
        self._rows |= {condition: bound for condition, bound in bounds.items() if bound is not None}
        self._heads()
        self._narrow(wanted)

    def _index(self, wanted: Wanted) -> None:
        """One filter chooses the index."""
        if wanted.station_ids is not None and len(wanted.station_ids) == 1:
            self._rows["station_id = %s"] = wanted.station_ids[0]
        elif wanted.is_error:
            self._rows["kind = %s"] = Kind.ERROR
            self._from_errors = True
        elif len(wanted.actions) == 1:
            self._rows["action = %s"] = wanted.actions[0]

    def _heads(self) -> None:
        """Of a pair one frame: the CALL; or its error, where errors give the rows."""
        if not self._from_errors:
            self._fit.append((f"(kind = {Kind.CALL:d} OR pair_id IS NULL)", []))

    def _of_call(self, column: str) -> str:
        return self._other(column) if self._from_errors else column

    def _of_answer(self, column: str) -> str:
        return column if self._from_errors else self._other(column)

    @staticmethod
    def _other(column: str) -> str:
        """A column of the other frame: asked row by row, so that the order of the rows isn't lost."""
        return f"(SELECT other.{column} FROM stations_frame AS other WHERE other.id = looked_at.pair_id)"

    def _narrow(self, wanted: Wanted) -> None:
        fit = self._fit
        if wanted.station_ids is not None and len(wanted.station_ids) > 1:
            fit.append(("station_id = ANY(%s)", [list(wanted.station_ids)]))
        if wanted.actions and "action = %s" not in self._rows:
            fit.append(("action = ANY(%s)", [list(wanted.actions)]))
        if wanted.direction is not None:
            turned = Direction.SENT if wanted.direction == Direction.RECEIVED else Direction.RECEIVED
            fit.append(("direction = %s", [turned if self._from_errors else wanted.direction]))
        if wanted.message_id:
            fit.append(("message_id = %s", [wanted.message_id]))
        fit += self._results(wanted)
        fit += self._measures(wanted)
        if wanted.deviation is not None:
            # An empty note is none.
            pattern = f"%{escaped(wanted.deviation)}%" if wanted.deviation else "_%"
            fit.append((self._in_either("note ILIKE %s"), [pattern] * 2))
        # Without a collation's rules only ASCII letters have case, which is quick wherever it runs.
        for text in (*wanted.texts, *(value for _, value in wanted.values)):
            fit.append((self._in_either('text COLLATE "C" ILIKE %s'), [f"%{escaped(text)}%"] * 2))
        for expression, holds in wanted.patterns:
            held = " OR ".join(["strpos(text, %s) > 0"] * len(holds))
            fit.append((self._in_either(f"(({held}) AND text ~ %s)"), [*holds, expression] * 2))

    @staticmethod
    def _in_either(condition: str) -> str:
        """A condition that one of the two frames meets; its parameters are needed twice."""
        other = f"SELECT FROM stations_frame WHERE id = looked_at.pair_id AND {condition}"
        return f"({condition} OR EXISTS ({other}))"

    def _results(self, wanted: Wanted) -> Iterator[tuple[str, list[Any]]]:
        kind = self._of_answer("kind")
        match wanted.result:
            case Result.ANSWERED:
                yield f"{kind} = {Kind.RESULT:d}", []
            case Result.NONE:
                yield f"kind = {Kind.CALL:d} AND pair_id IS NULL", []
            case Result.ALONE:
                yield f"kind IN ({Kind.RESULT:d}, {Kind.ERROR:d}) AND pair_id IS NULL", []
            case Result.DAMAGED:
                yield f"kind = {Kind.DAMAGED:d}", []
            case Result.ERROR if not self._from_errors:
                yield f"(kind = {Kind.ERROR:d} OR {kind} = {Kind.ERROR:d})", []
            case _:
                pass
        if wanted.error_code:
            yield f"lower({self._of_answer('error_code')}) = lower(%s)", [wanted.error_code]
        if wanted.verdict:
            pattern = f'"status"\\s*:\\s*"{_quoted(wanted.verdict)}"'
            yield f"{self._of_answer('text')} ~* %s", [pattern]

    def _measures(self, wanted: Wanted) -> Iterator[tuple[str, list[Any]]]:
        took = f"coalesce({self._of_answer('round_trip_ms')}, round_trip_ms)"
        other = (
            "SELECT octet_length(other.text) FROM stations_frame AS other WHERE other.id = looked_at.pair_id"
        )
        size = f"greatest(octet_length(text), ({other}))"
        if wanted.slower_ms is not None:
            yield f"{took} >= %s", [wanted.slower_ms]
        if wanted.faster_ms is not None:
            yield f"{took} < %s", [wanted.faster_ms]
        if wanted.larger is not None:
            yield f"{size} >= %s", [wanted.larger]
        if wanted.smaller is not None:
            yield f"{size} < %s", [wanted.smaller]

    def frames(self, most: int) -> list[Frame]:
        """The first frames that fit."""
        rows = f"SELECT * FROM stations_frame WHERE {' AND '.join(self._rows)} ORDER BY id DESC"
        fit = " AND ".join(condition for condition, _ in self._fit) or "TRUE"
        parameters = [*self._rows.values(), *(value for _, values in self._fit for value in values)]
        statement = (
            f"SELECT * FROM ({rows} LIMIT {self._most_rows}) AS looked_at WHERE {fit}"
            f" ORDER BY id DESC LIMIT {most}"
        )
        return list(Frame.objects.raw(statement, parameters))

    def end(self) -> int | None:
        """Where the rows end that `frames` looked at; None where the log ends first."""
        statement = (
            f"SELECT id FROM stations_frame WHERE {' AND '.join(self._rows)}"
            f" ORDER BY id DESC OFFSET {self._most_rows - 1} LIMIT 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*self._rows.values()])
            last = cursor.fetchone()
        return last[0] if last else None


def _quoted(text: str) -> str:
    """A word within a regular expression."""
    return "".join(each if each.isalnum() else f"\\{each}" for each in text)


def _has_values(wanted: Wanted, exchange: Exchange) -> bool:
    frames = [frame for frame in (exchange.frame, exchange.pair) if frame is not None]
    return all(any(value in _at(frame, path) for frame in frames) for path, value in wanted.values)


def _at(frame: Frame, path: str) -> list[str]:
    """What stands at a path of a frame's payload, as text; a list on the way is looked through."""
    try:
        parts = orjson.loads(frame.text)
    except orjson.JSONDecodeError:
        return []
    found: list[Any] = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    for step in path.removeprefix("$").strip(".").split("."):
        name = step.partition("[")[0]
        found = [each for value in found for each in _members(value, name)]
    return [_text(value) for value in found]


def _members(value: Any, name: str) -> Iterator[Any]:  # noqa: ANN401 - JSON
    match value:
        case list():
            for item in value:
                yield from _members(item, name)
        case dict() if name in value:
            member = value[name]
            yield from member if isinstance(member, list) else [member]
        case _:
            pass


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def volume(wanted: Wanted, since: datetime, until: datetime, buckets: int) -> Sequence[Volume] | None:
    """How many frames there were in equal parts of a time; None if counting them would take too long.

    Only the network, one station and one action narrow it: what an index has.
    """
    first, last = frame_ids.lowest(since), frame_ids.lowest(until)
    width = max(1, (last - first) // buckets)
    rows: dict[str, Any] = {"network_id = %s": wanted.network_id}
    if wanted.station_ids is not None and len(wanted.station_ids) == 1:
        rows = {"station_id = %s": wanted.station_ids[0]}
    elif len(wanted.actions) == 1:
        rows["action = %s"] = wanted.actions[0]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {COUNT_WITHIN_MS}")
            frames = _counted(cursor, rows, first, last, width)
            errors = _counted(cursor, rows | {"kind = %s": Kind.ERROR}, first, last, width)
    except OperationalError:
        return None
    step = (until - since) / buckets
    return [
        Volume(since=since + step * position, frames=frames.get(position, 0), errors=errors.get(position, 0))
        for position in range(buckets)
    ]


def _counted(cursor: Any, rows: Mapping[str, Any], first: int, last: int, width: int) -> dict[int, int]:  # noqa: ANN401 - Django's wrapper
    cursor.execute(
        f"SELECT (id - %s) / %s, count(*) FROM stations_frame WHERE {' AND '.join(rows)}"
        " AND id >= %s AND id < %s GROUP BY 1",
        [first, width, *rows.values(), first, last],
    )
    return dict(cursor.fetchall())
