"""A batch of work, done in one transaction: who still speaks, what they say, what they are answered.

Runs on the intake's writer thread. A piece of work is done with the clock at the moment it is about, so that
what a message causes happened when the message arrived.
"""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings

from emobi.core import clock, unit_of_work
from gateway import corrections, errors, frames, live_times, lookups, schemas
from gateway.adapter import Adapter, Payload
from gateway.connection import NEVER_REPEATED_LATER
from gateway.frames import Call, CallError, CallResult, Deviation
from stations import frame_ids
from stations.models import Direction, Kind, Registration, Station
from stations.services.commanding import command_parts, following
from stations.services.commanding.awaited import Effect
from stations.services.device_model import variables
from stations.services.log.frames import FrameLog
from stations.services.log.last_calls import LastCalls
from stations.services.presence import clock_skew, connections, connectivity
from stations.services.registry import deviations

log = logging.getLogger(__name__)

BOOT = "BootNotification"

# What stations say most, and what needs little of its station's row.
FREQUENT = frozenset(
    {
        "Heartbeat", "MeterValues", "StatusNotification", "TransactionEvent", "StartTransaction",
        "StopTransaction", "Authorize",
    }
)  # fmt: skip
LONGEST_REST_S = 300.0

# The one message that a pending station may send because it was asked for with another than TriggerMessage.
REPORT = "NotifyReport"


@dataclass(slots=True, eq=False)
class Line:
    """A station's socket, as far as the database knows it.

    Attributes:
        serial_number: That the station's certificate names; None with other security profiles than 3.
        epoch: 0 until it is open.
        begun_at: When it brought its first CALL that was handled; None before.
    """

    station_id: int
    network_id: int
    adapter: Adapter
    serial_number: str | None = None
    epoch: int = 0
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fenced:
    """Nothing was done: a newer socket speaks for the station, or our lease has run out."""


@dataclass(frozen=True, slots=True)
class Impostor:
    """Nothing was done: the station says that it is another than its certificate names."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What answers a CALL, and its text.

    Attributes:
        rest_s: How long the station is to be asked nothing after it.
    """

    answer: CallResult | CallError
    text: str
    rest_s: float = 0


def _nobody(_result: object) -> None:
    """Nobody waits for the result."""


@dataclass(slots=True, eq=False, kw_only=True)
class Piece:
    """A piece of work for the writer thread. Subclasses say what is done.

    Attributes:
        at: When what it is about happened, by our clock.
        line: The socket that speaks; work of a socket that no longer speaks isn't done (`Fenced`).
        action: Of the CALL that it is about, if it is about one.
        tell: Told the result on the event loop, after the commit.
        turn: 0: done one by one, in order. Others: done all together afterwards, in the order of their turns.
    """

    turn: ClassVar[int] = 0
    at: datetime
    line: Line | None = None
    action: str = ""
    tell: Callable[[object], None] = _nobody

    @property
    def lane(self) -> int:
        """Work of one station is done in its order."""
        return self.line.station_id if self.line else 0

    def expect(self, station: Station) -> None:
        """Say what it will need, so that it is read for the whole batch at once."""

    def run(self, station: Station | None) -> object:
        """Do it, inside the open unit of work; ``station`` is given where there is an open line."""
        raise NotImplementedError

    @classmethod
    def run_together(cls, pieces: Sequence[Any]) -> Sequence[object]:
        """The same for all pieces of this class at once, if it has a ``turn``."""
        raise NotImplementedError

    def done(self, result: object) -> None:
        """The intake's word for it."""
        self.tell(result)

    def __str__(self) -> str:
        """For the server's log, without a word of what a station or an operator said."""
        return f"{type(self).__name__} {self.action}"


def run(pieces: Sequence[Piece]) -> list[object]:
    """Do a batch in one transaction; a result for each piece, in order."""
    with unit_of_work.begin() as work:
        lines = [(piece.line, piece) for piece in pieces if piece.line is not None and piece.line.epoch]
        speaking: set[tuple[int, int]] = set()
        stations: dict[int, Station] = {}
        if lines:
            speaking, stations = connections.hear(
                [(line.station_id, line.epoch, piece.at) for line, piece in lines],
                whole={line.station_id for line, piece in lines if piece.action not in FREQUENT},
            )
            heard = [each for each in lines if (each[0].station_id, each[0].epoch) in speaking]
            following.expect([station.pk for station in stations.values() if station.is_followed])
            connectivity.come_back((stations[speaker.station_id], piece.at) for speaker, piece in heard)
            for speaker, piece in heard:
                piece.expect(stations[speaker.station_id])
            work.read_ahead()
        results: dict[Piece, object] = {}
        for piece in pieces:
            if not piece.turn:
                results[piece] = _run_one(piece, speaking, stations)
        for kind in sorted({type(piece) for piece in pieces if piece.turn}, key=lambda kind: kind.turn):
            together = [piece for piece in pieces if type(piece) is kind]
            results.update(zip(together, kind.run_together(together), strict=True))
    return [results[piece] for piece in pieces]


def _run_one(piece: Piece, speaking: Set[tuple[int, int]], stations: Mapping[int, Station]) -> object:
    line = piece.line
    with clock.at(piece.at):
        if line is None or not line.epoch:
            return piece.run(None)
        if (line.station_id, line.epoch) in speaking:
            return piece.run(stations[line.station_id])
    return Fenced()


@dataclass(slots=True, eq=False, kw_only=True)
class Received(Piece):
    """A station's CALL, valid or mended; its result is a `Reply`, or `Impostor`.

    Attributes:
        looked_up: What was found out elsewhere for its handler.
        may_repeat: Whether it may be the last one of the socket before again: the first of its own is.
    """

    line: Line
    call: Call
    text: str
    deviations: Sequence[Deviation] = ()
    looked_up: Sequence[object] = ()
    may_repeat: bool = False

    def expect(self, station: Station) -> None:
        if self.line.begun_at is None:
            self.line.begun_at, self.may_repeat = self.at, self.action not in NEVER_REPEATED_LATER
        if self.may_repeat:
            last_calls = unit_of_work.current().buffer(LastCalls)
            last_calls.expect(station.pk, str(self.call.message_id), self.at)
        expect = self.line.adapter.expects.get(self.action)
        if expect is not None:
            expect(station, self.call.payload)

    def run(self, station: Station | None) -> Reply | Impostor:
        assert station is not None
        if self.action == BOOT and self._is_anothers():
            return Impostor()
        again = self._answer_again(station) if self.may_repeat else None
        if again is not None:
            return again
        # The piece stays as it came: it is done again when its batch is rolled back.
        payload = self.call.payload
        if station.model_quirks or station.quirks:
            payload = corrections.apply(station.flags, payload)
        answer = self._answer(station, payload)
        text = frames.encode(answer)
        self._log(answer, text, describe(self.deviations))
        if self.deviations:
            deviations.note(station, self.action, self.deviations)
        if following.awaits(station, Effect.MESSAGE):
            place = _evse_id(payload)
            following.seen(station, Effect.MESSAGE, action=self.action, evse_id=place)
        skew_s = live_times.skew_s(self.action, payload, self.at, self.line.begun_at or self.at)
        if skew_s is not None:
            clock_skew.note(station, skew_s)
        return Reply(answer, text, _rest_s(station) if self.action == BOOT else 0)

    def _answer_again(self, station: Station) -> Reply | None:
        """The first answer, if this was said already on the socket before: nothing is done a second time."""
        said = unit_of_work.current().buffer(LastCalls).of(station.pk, self.text)
        if said is None:
            return None
        answer = frames.decode(said.answer)
        assert isinstance(answer, CallResult)
        self._log(answer, said.answer, "said on the socket before: the first answer again")
        return Reply(answer, said.answer)

    def _log(self, answer: CallResult | CallError, text: str, note: str) -> None:
        call_id, answer_id = frame_ids.new(self.at), frame_ids.new(self.at)
        frame_log = unit_of_work.current().buffer(FrameLog)
        frame_log.add(
            id=call_id,
            at=self.at,
            network_id=self.line.network_id,
            station_id=self.line.station_id,
            direction=Direction.RECEIVED,
            kind=Kind.CALL,
            message_id=str(self.call.message_id),
            action=self.action,
            note=note,
            text=self.text,
            pair_id=answer_id,
        )
        log_answer(
            frame_log,
            answer,
            text,
            line=self.line,
            action=self.action,
            id=answer_id,
            call_id=call_id,
            at=self.at,
        )

    def _is_anothers(self) -> bool:
        """Whether the boot gives another serial number than the certificate (OCPP 2.0.1, B01.FR.12)."""
        if self.line.serial_number is None:
            return False
        said = self.line.adapter.read_boot(self.call.payload).serial_number
        return said is not None and said != self.line.serial_number

    def _answer(self, station: Station, said: Payload) -> CallResult | CallError:
        adapter, call = self.line.adapter, self.call
        # The version is the connection's, whatever the station spoke before.
        station.ocpp_version = adapter.version
        try:
            # A decision of today is told with the next boot; until then what it was told holds.
            told = station.told_registration or station.registration
            if told != Registration.ACCEPTED:
                _check_registration(station, told, adapter, call)
            payload = self._handle(station, said)
        except errors.CallFailed as failure:
            return CallError(call.message_id, errors.spelled(failure.code, adapter.version), str(failure), {})
        finding = schemas.validate(adapter.version, call.action, "result", payload)
        if finding is not None:
            raise errors.InternalError(f"{call.action}: our answer breaks its schema: {finding}")
        return CallResult(call.message_id, dict(payload))

    def _handle(self, station: Station, said: Payload) -> Payload:
        handle = self.line.adapter.handlers[self.call.action]
        if not self.looked_up:
            return handle(station, said)
        with lookups.hold(self.looked_up):
            return handle(station, said)


def _evse_id(payload: Payload) -> int | None:
    """Which EVSE a message is about, in the words of any version; None: it doesn't say."""
    evse = payload.get("evse", {})
    found: int | None = evse.get("id", payload.get("evseId", payload.get("connectorId")))
    return found


def _rest_s(station: Station) -> float:
    """Some stations drop a CALL that comes on the heels of their boot, or boot again (quirk 33)."""
    wait_s = station.flags.get("boot_wait_s")
    if not isinstance(wait_s, int | float):
        return settings.EMOBI_BOOT_REST_S
    return max(0.0, min(wait_s, LONGEST_REST_S))


def log_answer(
    frame_log: FrameLog,
    answer: CallResult | CallError,
    text: str,
    *,
    line: Line,
    action: str,
    id: int,
    call_id: int,
    at: datetime,
) -> None:
    """Log our answer to a CALL received ``at``; the round trip ends here, a moment before the commit."""
    error_code = answer.code if isinstance(answer, CallError) else ""
    sent_at = clock.wall()
    frame_log.add(
        id=id,
        at=sent_at,
        network_id=line.network_id,
        station_id=line.station_id,
        direction=Direction.SENT,
        kind=Kind.ERROR if error_code else Kind.RESULT,
        message_id=str(answer.message_id),
        action=action,
        error_code=error_code,
        text=text,
        pair_id=call_id,
        round_trip_ms=milliseconds(at, sent_at),
    )


def _check_registration(station: Station, told: str, adapter: Adapter, call: Call) -> None:
    """Before its boot was accepted a station may boot, and send what we asked for while it is pending.

    Source: OCPP 2.0.1 part 2, B02.FR.09 and B03.FR.07; OCPP 1.6 errata 2025-04, 3.10.
    """
    if call.action in adapter.before_accepted:
        return
    if told == Registration.PENDING and (
        _is_report_asked_for(station, call) or following.was_triggered(station, call.action)
    ):
        return
    raise errors.SecurityError(f"{call.action}: not before the station is accepted")


def _is_report_asked_for(station: Station, call: Call) -> bool:
    """Whether it follows our GetBaseReport or GetReport, as its request id says."""
    if call.action != REPORT:
        return False
    return command_parts.is_expected(station, variables.REPORTING, call.payload.get("requestId"))


@dataclass(slots=True, eq=False, kw_only=True)
class Noted(Piece):
    """A frame that asks for nothing more than to be kept: damaged, late, or already answered."""

    line: Line
    text: str
    note: str
    direction: Direction = Direction.RECEIVED
    kind: Kind = Kind.DAMAGED
    message_id: str = ""
    error_code: str = ""
    deviations: Sequence[Deviation] = ()

    def run(self, station: Station | None) -> None:
        assert station is not None
        unit_of_work.current().buffer(FrameLog).add(
            id=frame_ids.new(self.at),
            at=self.at,
            network_id=self.line.network_id,
            station_id=self.line.station_id,
            direction=self.direction,
            kind=self.kind,
            message_id=self.message_id,
            action=self.action,
            error_code=self.error_code,
            note=self.note,
            text=self.text,
        )
        if self.deviations:
            deviations.note(station, self.action, self.deviations)


def describe(found: Sequence[Deviation]) -> str:
    """Deviations in a line."""
    if not found:
        return ""
    return "; ".join(itertools.islice((f"{one.path or 'frame'}: {one.rule}" for one in found), 5))


def milliseconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)
