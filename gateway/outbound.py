"""Commands on their way to stations: claimed, said, answered.

``sent`` is committed before the bytes go out, so a command is on the wire at most once; what is never
answered ends as ``unknown`` and is not sent again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from emobi.core import clock, unit_of_work
from emobi.core import errors as refusals
from gateway import errors, frames, schemas, tolerance
from gateway.adapter import Payload
from gateway.completions import COMPLETIONS
from gateway.dispatch import Line, Piece, describe, milliseconds
from gateway.effects import EFFECTS
from gateway.frames import Call, CallError, CallResult
from gateway.versions import BY_VERSION
from stations import frame_ids
from stations.commands import catalogue
from stations.models import Command, CommandState, Direction, Kind, Station
from stations.services import commands, gateway_processes, variables
from stations.services.frames import FrameLog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A CALL of ours, ready to be written to the socket of an epoch.

    ``asked`` is the command that it says, whole.
    """

    station_id: int
    epoch: int
    command_id: str
    asked: object
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
            a moment ago may not have been told yet. Called on a writer thread.
    """

    gateway: str
    may_ask: Callable[[int, int], bool]

    @override
    def run(self, station: Station | None) -> list[Outgoing]:
        if not gateway_processes.has_lease(self.gateway):
            return []
        claimed = [
            _say(command, found, epoch)
            for command, found, epoch in commands.claim_next(self.gateway)
            if self.may_ask(found.pk, epoch)
        ]
        for command, found in commands.claim_waiting():
            _encode_or_end(command, found)
        return [outgoing for outgoing in claimed if outgoing is not None]


def _say(command: Command, station: Station, epoch: int) -> Outgoing | None:
    """Commit a command to the wire, in the version of its station's socket; None if it can't be said."""
    said = _encode_or_end(command, station)
    if said is None:
        return None
    asked, action, payload = said
    at = clock.wall()
    call = Call(command.pk, action, dict(payload))
    text = frames.encode(call)
    frame_id = frame_ids.new(at)
    commands.mark_sent(command, command.pk, epoch)
    unit_of_work.current().buffer(FrameLog).add(
        id=frame_id,
        at=at,
        network_id=station.network_id,
        station_id=station.pk,
        direction=Direction.SENT,
        kind=Kind.CALL,
        message_id=command.pk,
        action=action,
        text=text,
    )
    return Outgoing(
        station_id=station.pk,
        epoch=epoch,
        command_id=command.pk,
        asked=asked,
        call=call,
        text=text,
        frame_id=frame_id,
        at=at,
    )


def _encode_or_end(command: Command, station: Station) -> tuple[object, str, Payload] | None:
    """The command whole, its action and payload; None if it can't be said, and the command ends here."""
    try:
        return _encode(command, station)
    except errors.CommandUnsupported as reason:
        commands.fail(command, CommandState.UNSUPPORTED, str(reason))
    except Exception:
        # Our own fault. The commands of other stations are claimed with it, and mustn't wait for a repair.
        log.exception("%s %s can't be said", command.name, command.pk)
        commands.fail(command, CommandState.UNSUPPORTED, "failed here; see the server's log")
    return None


def _encode(command: Command, station: Station) -> tuple[object, str, Payload]:
    """The command whole, and its action and payload in the station's version.

    Raises:
        errors.CommandUnsupported: If the version has no words for it.
    """
    adapter = BY_VERSION[station.ocpp_version]
    sender = adapter.senders.get(command.name)
    if sender is None:
        raise errors.CommandUnsupported(f"OCPP {adapter.version} has no message for {command.name}")
    try:
        asked = _asked(command, station)
    except refusals.Refused as reason:
        raise errors.CommandUnsupported(str(reason)) from reason
    action, payload = sender.action_of(asked), sender.encode(asked)
    finding = schemas.validate(adapter.version, action, "call", payload)
    if finding is not None:
        raise errors.CommandUnsupported(f"OCPP {adapter.version} can't say it: {finding.text}")
    return asked, action, payload


def _asked(command: Command, station: Station) -> Any:  # noqa: ANN401 — each command has its type
    """The command as it is said to this station."""
    asked = catalogue.parse(command.name, command.params)
    complete = COMPLETIONS.get(command.name)
    return complete(station, asked) if complete else asked


@dataclass(slots=True, eq=False, kw_only=True)
class Answered(Piece):
    """The answer to a CALL of ours."""

    line: Line
    outgoing: Outgoing
    answer: CallResult | CallError
    text: str

    @override
    def run(self, station: Station | None) -> None:
        assert station is not None
        command = commands.sent(self.outgoing.command_id, self.outgoing.epoch)
        note = describe(self.answer.deviations)
        if command is None:
            note = note or "answer to a command that has ended"
        elif isinstance(self.answer, CallError):
            self._fail(command, self.answer)
        else:
            note = self._settle(command, station, self.answer.payload) or note
        self._log(note)

    def _fail(self, command: Command, answer: CallError) -> None:
        code = errors.canonical(answer.code)
        raw = {"code": answer.code, "description": answer.description, "details": answer.details}
        reason = f"{code}: {answer.description}" if answer.description else code
        commands.fail(command, CommandState.FAILED, reason, raw=raw)

    def _settle(self, command: Command, station: Station, payload: Mapping[str, Any]) -> str:
        """End the command with what its answer says; what was wrong with the answer."""
        adapter = self.line.adapter
        action = self.outgoing.call.action
        finding = schemas.validate(adapter.version, action, "result", payload)
        note = ""
        if finding is not None:
            note = f"breaks its schema: {finding.text}"
            mended = tolerance.mend(adapter.version, action, dict(payload), kind="result")
            if mended is None:
                commands.fail(command, CommandState.FAILED, f"the answer {note}", raw=payload)
                return note
            read, _ = mended
        else:
            read = payload
        outcome = adapter.senders[command.name].decode(read)
        if outcome.variables:
            variables.store(station, outcome.variables)
        effect = EFFECTS.get(command.name)
        if commands.settle(command, outcome, raw=payload) and effect:
            effect(station, self.outgoing.asked, outcome)
        return note

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
            message_id=outgoing.command_id,
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
            command = commands.sent(outgoing.command_id, outgoing.epoch)
            if command is not None:
                commands.fail(command, CommandState.UNKNOWN, self.reason)
