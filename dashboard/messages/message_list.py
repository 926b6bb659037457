"""The message log as pages show it: exchanges, each a CALL with its answer, and what happened to sockets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from dashboard import plots
from dashboard.live import log_tail
from dashboard.live.log_tail import Line
from dashboard.messages import connection_events, frame_words, message_search, token_hiding
from dashboard.messages.connection_events import ConnectionEvent
from dashboard.messages.message_search import MessageSearch
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations import exchange_log
from stations.exchange_log import Wanted
from stations.message_log import Exchange
from stations.models import Deviation, Direction, Frame, Kind, Station

EXCHANGES = 100
TAIL_LINES = 50
AROUND = 10
BUCKETS = 60
# Without a time in the search the volume is that of the last hour.
VOLUME_OF = timedelta(hours=1)
EXPORTED_AT_ONCE = 200
EXPORT_COLUMNS = (
    "id", "at", "station", "direction", "action", "result", "error_code", "round_trip_ms", "message_id",
    "note", "request", "answer",
)  # fmt: skip

# Answers that refuse nothing; any other status deserves a second look.
GOOD = frozenset({"", "Accepted", "Pending", "Scheduled", "Unlocked", "AcceptedCanceled", "RebootRequired"})

NO_ANSWER = Shown("unknown-end", "No answer")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A frame with its pair, told as one exchange.

    Attributes:
        frame: What the row is about: a CALL, or whatever stands alone.
        answer: What settled the CALL.
    """

    frame: Frame
    answer: Frame | None

    @property
    def station(self) -> Station | None:
        """None once it was deleted: its messages are kept for their time."""
        try:
            return self.frame.station
        except ObjectDoesNotExist:
            return None

    @property
    def kind(self) -> str:
        """The worst of the two."""
        return Kind((self.answer or self.frame).kind).name.lower()

    @property
    def direction(self) -> tuple[str, str, str]:
        """Its name, its arrow, and in words."""
        return frame_words.DIRECTIONS[Direction(self.frame.direction)]

    @property
    def action(self) -> str:
        return self.frame.action or frame_words.KINDS[Kind(self.frame.kind)].word

    @property
    def kind_word(self) -> str:
        """Of an answer, what it is; a CALL is called by its action alone."""
        return "" if self.frame.kind == Kind.CALL else frame_words.KINDS[Kind(self.frame.kind)].word

    @property
    def summary(self) -> str:
        return frame_words.summary(self.frame)

    @property
    def result(self) -> Shown:
        """What came of it."""
        if self.answer is not None:
            return self._of(self.answer)
        if self.is_alone:
            return Shown("unknown-end", "Unpaired")
        return NO_ANSWER if self.frame.kind == Kind.CALL else self._of(self.frame)

    @property
    def at(self) -> datetime:
        return self.frame.at

    @property
    def is_alone(self) -> bool:
        """An answer that settles nothing: too late, or to nothing that was asked."""
        return self.answer is None and self.frame.kind in (Kind.RESULT, Kind.ERROR)

    @property
    def notes(self) -> str:
        """How it deviates, or why it was ignored."""
        return "; ".join(each.note for each in (self.frame, self.answer) if each is not None and each.note)

    @property
    def size(self) -> str:
        """Of both frames."""
        return self.frame.text + (self.answer.text if self.answer is not None else "")

    @property
    def round_trip_ms(self) -> float | None:
        return (self.answer or self.frame).round_trip_ms

    def _of(self, frame: Frame) -> Shown:
        shown = frame_words.KINDS[Kind(frame.kind)]
        if frame.kind != Kind.RESULT:
            return Shown(shown.status, frame.error_code or shown.word)
        word = frame_words.verdict(frame)
        return Shown("accepted" if word in GOOD else "refused", word or "Answered")


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, the newest first; ``next`` is where to go on, "" at the end.

    Attributes:
        problems: What of the search wasn't understood, in words.
    """

    rows: Sequence[Row | ConnectionEvent]
    next: str
    problems: Sequence[str] = ()

    @property
    def exchanges(self) -> int:
        return sum(isinstance(row, Row) for row in self.rows)


def page(network: Network, search: MessageSearch) -> Page:
    """A page of the log."""
    wanted, problems = message_search.wanted(network, search)
    before = int(search.after) if search.after else None
    found = exchange_log.page(wanted, before=before, limit=EXCHANGES)
    rows = [_row(each) for each in found.items]
    return Page(
        rows=_with_connections(network, search, wanted, rows),
        next=search.from_(str(found.next)) if found.next else "",
        problems=problems,
    )


def _with_connections(
    network: Network, search: MessageSearch, wanted: Wanted, rows: Sequence[Row]
) -> Sequence[Row | ConnectionEvent]:
    """The rows, and between them what happened to the sockets; unless more than place and time narrows.

    Of a station that was never let in that is all there is.
    """
    if (
        search.text
        or search.paths
        or {each.key for each in search.tokens} - {"station", "from", "to"}
        or (search.after and not rows)
    ):
        return rows
    until = rows[0].at if search.after else wanted.until or clock.wall()
    since = rows[-1].at if rows else wanted.since or until - connection_events.LONGEST
    stations = None
    if wanted.station_ids is not None:
        of_search = Station.objects.filter(network=network, pk__in=wanted.station_ids)
        stations = list(of_search.values_list("identity", flat=True))
    events = connection_events.between(network, since, until, stations)
    return sorted([*rows, *events], key=lambda each: each.at, reverse=True)


def volume(network: Network, search: MessageSearch) -> plots.TimeBars | None:
    """How many messages there were, over the time that is searched; None: counting would take too long."""
    wanted, _ = message_search.wanted(network, search)
    until = wanted.until or clock.wall()
    since = min(wanted.since or until - VOLUME_OF, until - timedelta(seconds=BUCKETS))
    counted = exchange_log.volume(wanted, since, until, BUCKETS)
    if counted is None:
        return None
    ends = [*(each.since for each in counted[1:]), until]
    buckets = [
        plots.Bucket(each.since, end, each.frames, each.errors)
        for each, end in zip(counted, ends, strict=True)
    ]
    window = plots.Window(since=since, until=until, zone=timezone.get_current_timezone())
    return plots.TimeBars(caption="Volume", window=window, buckets=buckets)


def newest_lines(station: Station) -> list[Line]:
    """The end of a station's log, the oldest first; `log_tail` goes on from there."""
    newest = Frame.objects.filter(station=station).order_by("-pk")[:TAIL_LINES]
    return [log_tail.line(frame) for frame in reversed(newest)]


def newest_of(network: Network, search: MessageSearch) -> list[Line]:
    """The same of all stations, or of what the live log follows of a search (`live_search.followed`)."""
    if search.narrows:
        wanted, _ = message_search.wanted(network, search)
        found = exchange_log.page(wanted, limit=TAIL_LINES).items
        pairs = [frame for each in found for frame in (each.frame, each.pair) if frame is not None]
        return log_tail.lines_of_all(sorted(pairs, key=lambda frame: frame.pk)[-TAIL_LINES:])
    newest = Frame.objects.filter(network_id=network.pk).order_by("-pk")[:TAIL_LINES]
    return log_tail.lines_of_all(list(reversed(newest)))


def exchange(network: Network, frame_id: int) -> Row:
    """One frame of the network with its pair, the CALL first.

    Raises:
        NotFound: If the network has none of that id, or no more.
    """
    # Not joined with its station, which may be deleted.
    frame = Frame.objects.filter(network_id=network.pk, pk=frame_id).first()
    if frame is None:
        raise NotFound("There is no such message, or its time is over.")
    return _row(exchange_log.exchanges_of([frame])[0])


def neighbours(row: Row, each: int = AROUND) -> Sequence[Row]:
    """What the same station and we said around it, the oldest first."""
    of_station = Frame.objects.filter(network_id=row.frame.network_id, station_id=row.frame.station_id)
    before = of_station.filter(pk__lt=row.frame.pk).order_by("-pk")[:each]
    after = of_station.filter(pk__gt=row.frame.pk).order_by("pk")[:each]
    return [Row(frame=frame, answer=None) for frame in (*reversed(before), row.frame, *after)]


def previous(row: Row) -> Row | None:
    """The exchange of the same action before it, of the same station and direction."""
    wanted = Wanted(
        network_id=row.frame.network_id,
        station_ids=[row.frame.station_id],
        actions=[row.frame.action],
        direction=Direction(row.frame.direction),
    )
    found = exchange_log.page(wanted, before=row.frame.pk, limit=1)
    return _row(found.items[0]) if found.items and row.frame.action else None


def known_deviations(row: Row) -> Sequence[Deviation]:
    """What is known of how its station deviates in this action."""
    return list(Deviation.objects.filter(station=row.frame.station_id, action=row.frame.action))


def exported(network: Network, search: MessageSearch, after: str) -> tuple[list[dict[str, Any]], str]:
    """A page of the log for a file; id tokens by their end, as everywhere here."""
    wanted, _ = message_search.wanted(network, search)
    found = exchange_log.page(wanted, before=int(after) if after else None, limit=EXPORTED_AT_ONCE)
    return [_told(_row(each)) for each in found.items], str(found.next or "")


def _told(row: Row) -> dict[str, Any]:
    return {
        "id": str(row.frame.pk),
        "at": clock.iso(row.frame.at),
        "station": row.station.identity if row.station else None,
        "direction": row.direction[0],
        "action": row.frame.action,
        "result": row.result.word,
        "error_code": (row.answer or row.frame).error_code or None,
        "round_trip_ms": row.round_trip_ms,
        "message_id": row.frame.message_id or None,
        "note": row.notes or None,
        "request": token_hiding.hidden(row.frame.text),
        "answer": token_hiding.hidden(row.answer.text) if row.answer is not None else None,
    }


def _row(found: Exchange) -> Row:
    return Row(frame=found.frame, answer=found.pair)
