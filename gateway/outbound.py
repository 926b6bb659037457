"""Commands on their way to stations: claimed, said, answered.

``sent`` is committed before the bytes go out, so a command is on the wire at most once; what is never
answered ends as ``unknown`` and is not sent again. The same holds for each CALL of a command that is said in
several: the next is committed with the answer to the one before.
"""

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

import orjson

from emobi.core import clock, unit_of_work
from emobi.core import errors as refusals
from gateway import additions, errors, frames, packing, schemas, tolerance
from gateway.adapter import Payload
from gateway.completions import COMPLETIONS
from gateway.dispatch import Line, Piece, describe, milliseconds
from gateway.effects import EFFECTS, NOT_KNOWN, SO_FAR
from gateway.frames import Call, CallError, CallResult
from gateway.versions import BY_VERSION
from stations import frame_ids, masking
from stations.commands import catalogue, custom_data
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Direction, Kind, Station
from stations.services.commanding import command_claims, command_ends, following
from stations.services.device_model import variables
from stations.services.log.frames import FrameLog
from stations.services.playbooks import last_looks
from stations.services.presence import gateway_processes

log = logging.getLogger(__name__)

# A station has no such message at all.
NOT_THERE = (errors.ActionUnknown.code, errors.ActionNotSupported.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A command as it is said.

    Attributes:
        asked: The command, whole.
        calls: Action and payload of each CALL that says a piece of it, in order.
        answers: What came of the first of them, and the payloads that said so.
    """

    asked: object
    calls: Sequence[tuple[str, Payload]]
    answers: Sequence[tuple[Outcome, Payload]] = ()

    @property
    def progress(self) -> str:
        """How much of it is answered; "" for a single CALL."""
        count = len(self.calls)
        return f"{len(self.answers)} of {count} messages answered" if count > 1 else ""

    @property
    def raw(self) -> object:
        """What the station answered, as it came; a list where there is more than one CALL."""
        payloads = [payload for _, payload in self.answers]
        return payloads if len(self.calls) > 1 else payloads[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A CALL of ours, ready to be written to the socket of an epoch; ``saying`` is what it is a part of."""

    station_id: int
    epoch: int
    command_id: str
    saying: Saying
    call: Call
    text: str
    frame_id: int
    at: datetime


@dataclass(slots=True, eq=False, kw_only=True)
class Claim(Piece):
    """Take what waits for stations whose sockets are ours; its result is a list of `Outgoing`.

    Of stations that nobody holds, what their version can't say is ended at once.

    Attributes:
        gateway: The process that asks.
        may_ask: Whether the socket of a station (its id) with an epoch takes a CALL now: one that was opened
            a moment ago may not have been told yet. Called on the writer thread.
    """

    gateway: str
    may_ask: Callable[[int, int], bool]

    @override
    def run(self, station: Station | None) -> list[Outgoing]:
        if not gateway_processes.has_lease(self.gateway):
            return []
        claimed = [
            _say(command, found, epoch)
            for command, found, epoch in command_claims.claim_next(self.gateway)
            if self.may_ask(found.pk, epoch)
        ]
        for command, found in command_claims.claim_held_up(self.gateway):
            _end_if_unsayable(command, found)
        for command, found in command_claims.claim_waiting():
            _encode_or_end(command, found)
        return [outgoing for outgoing in claimed if outgoing is not None]


def _say(command: Command, station: Station, epoch: int) -> Outgoing | None:
    """Commit a command to the wire, in the version of its station's socket; None if it can't or may not be
    said.
    """
    saying = _encode_or_end(command, station, goes_out=True)
    if saying is None:
        return None
    command_claims.mark_sent(command, command.pk, epoch)
    following.begin(station, command, saying.asked)
    return _put(command, station, epoch, saying)


def _put(command: Command, station: Station, epoch: int, saying: Saying) -> Outgoing:
    """Log the first CALL that wasn't said yet, as it goes out."""
    at = clock.wall()
    action, payload = saying.calls[len(saying.answers)]
    call = Call(command.message_id, action, dict(payload))
    text = frames.encode(call)
    frame_id = frame_ids.new(at)
    unit_of_work.current().buffer(FrameLog).add(
        id=frame_id,
        at=at,
        network_id=station.network_id,
        station_id=station.pk,
        direction=Direction.SENT,
        kind=Kind.CALL,
        message_id=command.message_id,
        action=action,
        text=masking.text(action, text, hidden=variables.hidden([station], command.name)),
    )
    return Outgoing(
        station_id=station.pk,
        epoch=epoch,
        command_id=command.pk,
        saying=saying,
        call=call,
        text=text,
        frame_id=frame_id,
        at=at,
    )


def _encode_or_end(command: Command, station: Station, *, goes_out: bool = False) -> Saying | None:
    """The command as it is said; None if it can't be, or may not go out now, and the command ends here."""
    try:
        objection = last_looks.objection(command) if goes_out else None
        if objection is None:
            return _encode(command, station)
    except errors.CommandUnsupported as reason:
        command_ends.fail(command, CommandState.UNSUPPORTED, str(reason))
    except orjson.JSONEncodeError as reason:
        # The database gives a number of more than 64 bits back as a whole one, however it came.
        command_ends.fail(command, CommandState.UNSUPPORTED, f"it has no form as JSON: {reason}")
    except Exception:
        # Our own fault. The commands of other stations are claimed with it, and mustn't wait for a repair.
        log.exception("%s %s can't be said", command.name, command.pk)
        command_ends.fail(command, CommandState.FAILED, "failed here; see the server's log")
    else:
        command_ends.fail(command, CommandState.CANCELLED, objection)
    return None


def _end_if_unsayable(command: Command, station: Station) -> None:
    """End at once what the station's version can't say, though it isn't this command's turn yet.

    Only what is said as it was asked: whatever is filled in depends on how things are when it goes out.
    """
    sender = BY_VERSION[station.ocpp_version].senders.get(command.name)
    if sender is None or command.name in COMPLETIONS:
        return
    try:
        sender.encode(catalogue.parse(command.name, command.asked_params))
    except errors.CommandUnsupported as reason:
        command_ends.fail(command, CommandState.UNSUPPORTED, str(reason))
    except Exception:
        # Told when it is its turn, and ended then.
        log.debug("%s %s isn't looked at yet", command.name, command.pk, exc_info=True)


def _encode(command: Command, station: Station) -> Saying:
    """The command as it is said in the station's version. All of it can be, before any of it is.

    Raises:
        errors.CommandUnsupported: If the version has no words for it.
    """
    adapter = BY_VERSION[station.ocpp_version]
    sender = adapter.senders.get(command.name)
    if sender is None:
        raise errors.CommandUnsupported(f"OCPP {adapter.version} has no message for {command.name}")
    unsaid = custom_data.unsaid(adapter.version, command.params)
    if unsaid is not None:
        raise errors.CommandUnsupported(unsaid)
    try:
        asked = _asked(command, station)
        places = custom_data.of(command.asked_params) if custom_data.NAME in command.params else {}
    except refusals.Refused as reason:
        raise errors.CommandUnsupported(str(reason)) from reason
    calls = [(sender.action_of(piece), sender.encode(piece)) for piece in sender.pieces(asked, station)]
    if places:
        calls = _with_custom_data(station, calls, places)
    for action, payload in calls:
        finding = schemas.validate(adapter.version, action, "call", payload)
        if finding is not None:
            raise errors.CommandUnsupported(f"OCPP {adapter.version} can't say it: {finding.text}")
        frames.encode(Call(command.pk, action, dict(payload)))
    return Saying(asked=asked, calls=calls)


def _with_custom_data(
    station: Station, calls: Sequence[tuple[str, Payload]], places: custom_data.Places
) -> list[tuple[str, Payload]]:
    """The same, with what vendor and operator have agreed on, in each of them that has its place.

    Raises:
        errors.CommandUnsupported: If a place is in none, or one becomes larger than the station takes.
    """
    said: list[tuple[str, Payload]] = []
    found = set[str]()
    for action, payload in calls:
        whole, there = custom_data.put(payload, places)
        said.append((action, whole))
        found |= there
        most = packing.limits_of(station, action).bytes
        if most is not None and (size := packing.size(action, whole)) > most:
            raise errors.CommandUnsupported(
                f"with its customData {action} has {size} bytes; the station takes {most}"
            )
    for place in places:
        if place not in found:
            raise errors.CommandUnsupported(
                f"there is no object {place} in this {calls[0][0]} to put customData into"
            )
    return said


def _asked(command: Command, station: Station) -> Any:  # noqa: ANN401 — each command has its type
    """The command as it is said to this station."""
    asked = catalogue.parse(command.name, command.asked_params)
    complete = COMPLETIONS.get(command.name)
    return complete(station, asked) if complete else asked


@dataclass(slots=True, eq=False, kw_only=True)
class Answered(Piece):
    """The answer to a CALL of ours; its result is the next `Outgoing` of the same command, if any."""

    line: Line
    outgoing: Outgoing
    answer: CallResult | CallError
    text: str

    @override
    def run(self, station: Station | None) -> Outgoing | None:
        assert station is not None
        command = command_claims.sent(self.outgoing.command_id, self.outgoing.epoch)
        next_call = None
        note = describe(self.answer.deviations)
        if command is None:
            note = note or "answer to a command that has ended"
        elif isinstance(self.answer, CallError):
            self._fail(command, station, self.answer)
        else:
            read, fault = self._read(self.answer.payload)
            note = fault or note
            if read is None:
                reason = f"the answer {fault}"
                command_ends.fail(command, CommandState.FAILED, reason, raw=self.answer.payload)
            else:
                next_call = self._settle(command, station, read, self.answer.payload)
        self._log(note)
        return next_call

    def _fail(self, command: Command, station: Station, answer: CallError) -> None:
        code = errors.canonical(answer.code)
        raw = {"code": answer.code, "description": answer.description, "details": answer.details}
        reason = f"{code}: {answer.description}" if answer.description else code
        not_known = NOT_KNOWN.get(command.name) if code in NOT_THERE else None
        if command_ends.fail(command, CommandState.FAILED, reason, raw=raw) and not_known:
            not_known(station)

    def _read(self, payload: Payload) -> tuple[Payload | None, str]:
        """The answer as it is to be read, None if it can't be; and what was wrong with it."""
        version, action = self.line.adapter.version, self.outgoing.call.action
        finding = schemas.validate(version, action, "result", payload)
        if finding is None:
            return payload, ""
        mended = tolerance.mend(version, action, dict(payload), kind="result")
        return mended and mended[0], f"breaks its schema: {finding.text}"

    def _settle(self, command: Command, station: Station, read: Payload, raw: Payload) -> Outgoing | None:
        """End the command with what its answers say; or go on with its next CALL."""
        sender = self.line.adapter.senders[command.name]
        outcome = sender.decode(read)
        if outcome.variables:
            variables.store(station, outcome.variables)
        saying = self.outgoing.saying
        saying = dataclasses.replace(saying, answers=(*saying.answers, (outcome, raw)))
        whole = sender.joined(saying.asked, [each for each, _ in saying.answers])
        refused = sender.all_or_nothing and outcome.state == CommandState.REJECTED
        if len(saying.answers) < len(saying.calls) and not refused:
            command_claims.go_on(command, whole, raw=saying.raw, progress=saying.progress)
            if so_far := SO_FAR.get(command.name):
                so_far(station, saying.asked, whole)
            return _put(command, station, self.outgoing.epoch, saying)
        whole = additions.added(command.name, station, saying.asked, whole)
        effect = EFFECTS.get(command.name)
        if command_ends.settle(command, whole, raw=saying.raw) and effect:
            effect(station, saying.asked, whole)
        return None

    def _log(self, note: str) -> None:
        outgoing, answer = self.outgoing, self.answer
        frame_log = unit_of_work.current().buffer(FrameLog)
        answer_id = frame_ids.new(self.at)
        is_error = isinstance(answer, CallError)
        frame_log.add(
            id=answer_id,
            at=self.at,
            network_id=self.line.network_id,
            station_id=self.line.station_id,
            direction=Direction.RECEIVED,
            kind=Kind.ERROR if is_error else Kind.RESULT,
            message_id=str(outgoing.call.message_id),
            action=outgoing.call.action,
            error_code=answer.code if isinstance(answer, CallError) else "",
            note=note,
            text=self.text,
            pair_id=outgoing.frame_id,
            round_trip_ms=milliseconds(outgoing.at, self.at),
        )
        frame_log.pair(outgoing.frame_id, answer_id)


@dataclass(slots=True, eq=False, kw_only=True)
class Unanswered(Piece):
    """CALLs of ours that were not answered in time, or not even written: their ends will never be known."""

    lost: Sequence[Outgoing]
    reason: str

    @override
    def run(self, station: Station | None) -> None:
        for outgoing in self.lost:
            command = command_claims.sent(outgoing.command_id, outgoing.epoch)
            if command is not None:
                command_ends.fail(command, CommandState.UNKNOWN, self.reason)
