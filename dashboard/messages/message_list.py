"""The message log as pages show it: exchanges, each a CALL with what answered it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from dashboard import filters
from dashboard.filters import MessageFilter
from dashboard.live import log_tail
from dashboard.live.log_tail import Line
from dashboard.messages import frame_words
from dashboard.statuses import Shown
from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations import message_log
from stations.models import Direction, Frame, Kind, Station

# A page looks at so many frames; a CALL and its answer are one row of it.
FRAMES = 200
TAIL_LINES = 50

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
        return NO_ANSWER if self.frame.kind == Kind.CALL else self._of(self.frame)

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
    """Rows, the newest first; ``next`` is where to go on, "" at the end."""

    rows: Sequence[Row]
    next: str


def page(network: Network, wanted: MessageFilter) -> Page:
    """A page of the log. Unless a kind, an error or a text is asked for, answers stand beside their CALL."""
    exchanges = not (wanted.kind or wanted.error_code or wanted.q)
    found = message_log.page(
        message_log.Filter(
            network_id=network.pk,
            station_id=_station_id(network, wanted.station),
            action=wanted.action or None,
            direction=wanted.directed,
            kind=wanted.of_kind,
            error_code=wanted.error_code or None,
            since=filters.time(wanted.since),
            until=filters.time(wanted.until),
            text=wanted.q or None,
        ),
        before=int(wanted.after) if wanted.after else None,
        limit=FRAMES,
    )
    rows = [
        _row(each.frame, each.pair)
        for each in found.items
        if not exchanges or each.pair is None or each.frame.kind == Kind.CALL
    ]
    return Page(rows=rows, next=wanted.from_(str(found.next)) if found.next else "")


def newest_lines(station: Station) -> list[Line]:
    """The end of a station's log, the oldest first; `log_tail` goes on from there."""
    newest = Frame.objects.filter(station=station).order_by("-pk")[:TAIL_LINES]
    return [log_tail.line(frame) for frame in reversed(newest)]


def exchange(network: Network, frame_id: int) -> Row:
    """One frame of the network with its pair, the CALL first.

    Raises:
        NotFound: If the network has none of that id, or no more.
    """
    # Not joined with its station, which may be deleted.
    of_network = Frame.objects.filter(network_id=network.pk)
    frame = of_network.filter(pk=frame_id).first()
    if frame is None:
        raise NotFound("There is no such message, or its time is over.")
    pair = of_network.filter(pk=frame.pair_id).first() if frame.pair_id else None
    if pair is not None and pair.kind == Kind.CALL:
        frame, pair = pair, frame
    return _row(frame, pair)


def neighbours(row: Row, each: int = 5) -> Sequence[Row]:
    """What the same station and we said around it, the oldest first."""
    of_station = Frame.objects.filter(station_id=row.frame.station_id)
    before = of_station.filter(pk__lt=row.frame.pk).order_by("-pk")[:each]
    after = of_station.filter(pk__gt=row.frame.pk).order_by("pk")[:each]
    return [_row(frame, None) for frame in (*reversed(before), row.frame, *after)]


def _row(frame: Frame, pair: Frame | None) -> Row:
    return Row(frame=frame, answer=pair)


def _station_id(network: Network, identity: str) -> int | None:
    """Which station is meant; one that isn't there has no messages."""
    if not identity:
        return None
    found = Station.objects.filter(network=network, identity__iexact=identity).values_list("pk", flat=True)
    return found.first() or 0
