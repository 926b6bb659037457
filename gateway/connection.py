"""One station's OCPP-J conversation on one socket, without the socket: text in, actions out.

No I/O, no clock, no database. It keeps the rules of the RPC layer: one open CALL of ours at a time, answers
matched by message id, late and second answers ignored, a CALL that is repeated answered as it was the first
time, and what can't be understood answered as the version says. What a CALL asks is for others to do.

Source: OCPP 2.0.1 part 4, section 4; OCPP-J 1.6, section 4, with its errata of 2025-04.
"""

import base64
import dataclasses
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import orjson

from gateway import errors, frames, schemas, tolerance
from gateway.frames import (
    Call,
    CallError,
    CallResult,
    Deviation,
    MalformedFrame,
    MessageId,
    UnknownMessageType,
    UnreadableText,
)

# What is remembered of a connection: enough for a station that repeats itself, little enough to forget.
MOST_ANSWERS_KEPT = 8
LONGEST_ANSWER_KEPT = 1024
MOST_SETTLED_KEPT = 8
# Who answers so many of our CALLs in a row not at all hears us no more: a new socket may (OCPP-J 1.6, 4.1.1).
MOST_UNANSWERED = 3

# Their answers tell the time, and whether the station is accepted by now. A repetition gets a new answer.
NEVER_REPEATED = frozenset({"BootNotification", "Heartbeat"})
# Nor is what was decided said again on another socket: a token may have been blocked meanwhile.
NEVER_REPEATED_LATER = NEVER_REPEATED | {"Authorize"}

SIGNED = "-Signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """In what the RPC layers of the versions differ.

    Attributes:
        version: As schemas and error codes are looked up by.
        answer_unreadable: Whether text that is no frame at all gets a CALLERROR addressed to "-1".
        answer_unknown_type: Whether a frame of an unknown message type gets one; else it is ignored.
        signed: Whether a CALL may come wrapped into a signature (2.0.1 part 4, section 7).
    """

    version: str
    answer_unreadable: bool
    answer_unknown_type: bool
    signed: bool


# 1.6 defines no answer to what can't be read, and wants unknown message types ignored (section 4.1.3).
OCPP16 = Dialect(version="1.6", answer_unreadable=False, answer_unknown_type=False, signed=False)
OCPP201 = Dialect(version="2.0.1", answer_unreadable=True, answer_unknown_type=True, signed=True)


class Reason(StrEnum):
    """Why a frame isn't acted on. For the log."""

    UNREADABLE = "not an OCPP-J frame"
    UNKNOWN_TYPE = "unknown message type"
    IN_PROGRESS = "repeated while the first is in progress"
    DAMAGED_ANSWER = "damaged answer"
    LATE = "answer after its time-out"
    SECOND = "second answer to one CALL"
    ORPHAN = "answer to no CALL of ours"


@dataclass(frozen=True, slots=True)
class Handle:
    """Do what the station asks, then say so with `Conversation.answered` or `Conversation.failed`.

    Attributes:
        call: Fits its schema, but for what `tolerance.is_tolerable` allows.
        deviations: What the station did differently from OCPP.
    """

    call: Call
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``text`` to the station.

    Attributes:
        text: ``frame``, encoded.
        note: Why there is nothing to handle; "" for an answer of a handler, and for a CALL of ours.
        call: The CALL that is answered; None where none could be read, and for a CALL of ours.
    """

    text: str
    frame: frames.Frame
    note: str = ""
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """The CALL of ours with this message id is answered. Whether the answer fits its schema isn't known."""

    message_id: str
    answer: CallResult | CallError


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing but log. ``frame`` is None where none could be read."""

    reason: Reason
    frame: frames.Frame | None = None


type Action = Handle | Send | Settle | Ignore


class Conversation:
    """What has been said on one socket, as far as it bears on what comes next.

    Attributes:
        malformed_in_a_row: Texts since the last frame that could be read. Who sends nothing else is no
            station.
        unanswered: Actions of our CALLs that expired since the last answer, a late one included.
    """

    __slots__ = (
        "_answers", "_handling", "_lone_answers", "_open", "_open_action", "_settled", "dialect",
        "malformed_in_a_row", "unanswered",
    )  # fmt: skip

    def __init__(self, dialect: Dialect, *, match_lone_answer: bool = False) -> None:
        """``match_lone_answer``: an answer to no CALL of ours is taken for that to the open one."""
        self.dialect = dialect
        self._lone_answers = match_lone_answer
        self.malformed_in_a_row = 0
        self.unanswered: list[str] = []
        self._open_action = ""
        # The message id of our open CALL.
        self._open: str | None = None
        # How our last CALLs ended, by message id.
        self._settled: deque[tuple[str, Reason]] = deque(maxlen=MOST_SETTLED_KEPT)
        # CALLs in progress, and our last answers, by message id, each with a hash of the CALL's text.
        self._handling: dict[MessageId, tuple[Call, int]] = {}
        self._answers: dict[MessageId, tuple[str, int]] = {}

    def receive(self, text: str) -> Action:
        """Take in a text from the station; what is to be done about it."""
        try:
            frame = frames.decode(text)
        except MalformedFrame as fault:
            self.malformed_in_a_row += 1
            return self._malformed(fault)
        self.malformed_in_a_row = 0
        if isinstance(frame, Call):
            return self._asked(frame, hash(text))
        return self._told(frame)

    @property
    def open_call(self) -> str | None:
        """The message id of our CALL that waits for its answer."""
        return self._open

    def call(self, call: Call, text: str | None = None) -> Send:
        """Ask the station; ``text`` is the CALL encoded, if that is done already.

        Raises:
            CallStillOpen: If our last CALL has neither been answered nor expired.
        """
        if self._open is not None:
            raise errors.CallStillOpen(self._open)
        self._open, self._open_action = str(call.message_id), call.action
        return Send(text or frames.encode(call), call)

    @property
    def is_deaf(self) -> bool:
        """Whether nobody seems to hear us; some stations never hear one kind of CALL, and all others."""
        return len(self.unanswered) >= MOST_UNANSWERED and len(set(self.unanswered)) > 1

    def expire(self, message_id: str) -> None:
        """Wait no longer for the answer to our CALL; does nothing if it has been answered."""
        if message_id == self._open:
            self._open = None
            self.unanswered.append(self._open_action)
            self._settled.append((message_id, Reason.LATE))

    def answered(self, call: Call, answer: CallResult | CallError, text: str | None = None) -> Send:
        """Answer a CALL that was to be handled; ``text`` is the answer encoded, if that is done already.

        A result is kept, and given again when the station repeats the CALL. An error isn't: it may have
        passed by then.
        """
        text = text or frames.encode(answer)
        handled, fingerprint = self._handling.get(call.message_id, (None, 0))
        if handled is call:
            del self._handling[call.message_id]
            if isinstance(answer, CallResult) and call.action not in NEVER_REPEATED:
                self._keep(call.message_id, text, fingerprint)
        return Send(text, answer, call=call)

    def failed(self, call: Call, code: str, description: str = "") -> Send:
        """Answer a CALL with a CALLERROR; ``code`` as OCPP 2.0.1 spells it."""
        return self.answered(call, self._error(call.message_id, code, description))

    def forget(self, call: Call) -> None:
        """Leave a CALL unanswered: when the station asks again, it is handled again."""
        handled, _ = self._handling.get(call.message_id, (None, 0))
        if handled is call:
            del self._handling[call.message_id]

    def _asked(self, call: Call, fingerprint: int) -> Action:
        if (answer := self._answers.get(call.message_id)) and answer[1] == fingerprint:
            return Send(answer[0], frames.decode(answer[0]), "the first answer again", call)
        if (handling := self._handling.get(call.message_id)) and handling[1] == fingerprint:
            return Ignore(Reason.IN_PROGRESS, call)
        try:
            handle = admit(call, self.dialect)
        except errors.CallFailed as failure:
            error = self._error(call.message_id, failure.code, str(failure))
            return Send(frames.encode(error), error, str(failure), call)
        self._handling[call.message_id] = (handle.call, fingerprint)
        return handle

    def _told(self, answer: CallResult | CallError) -> Action:
        # A number came back where we sent digits in quotes; and who couldn't read an id answers to "-1".
        message_id = str(answer.message_id)
        if isinstance(answer, CallError) and message_id == frames.UNREADABLE_ID:
            message_id = self._open or message_id
        if message_id == self._open:
            return self._settle(message_id, answer)
        ended = dict(self._settled).get(message_id, Reason.ORPHAN)
        if ended is Reason.ORPHAN and self._open is not None:
            deviation = Deviation("", "message id", "an answer with an id that we never sent")
            answer = dataclasses.replace(answer, deviations=(*answer.deviations, deviation))
            if self._lone_answers:
                return self._settle(self._open, answer)
        if ended is Reason.LATE:
            self.unanswered.clear()
        return Ignore(ended, answer)

    def _malformed(self, fault: MalformedFrame) -> Action:
        if fault.message_id is None:
            if self._open is None or str(fault.answers) != self._open:
                return Ignore(Reason.DAMAGED_ANSWER)
            # Whoever waits learns at once that this answer is lost, not when its time is out.
            return self._settle(self._open, CallError(self._open, fault.code, f"damaged answer: {fault}", {}))
        if isinstance(fault, UnreadableText) and not self.dialect.answer_unreadable:
            return Ignore(Reason.UNREADABLE)
        if isinstance(fault, UnknownMessageType) and not self.dialect.answer_unknown_type:
            return Ignore(Reason.UNKNOWN_TYPE)
        description = "" if fault.message_id == frames.UNREADABLE_ID else str(fault)
        error = self._error(fault.message_id, fault.code, description)
        return Send(frames.encode(error), error, str(fault))

    def _settle(self, message_id: str, answer: CallResult | CallError) -> Settle:
        self._open = None
        self.unanswered.clear()
        self._settled.append((message_id, Reason.SECOND))
        return Settle(message_id, answer)

    def _error(self, message_id: MessageId, code: str, description: str) -> CallError:
        return CallError(message_id, errors.spelled(code, self.dialect.version), description, {})

    def _keep(self, message_id: MessageId, text: str, fingerprint: int) -> None:
        self._answers.pop(message_id, None)
        if len(text) > LONGEST_ANSWER_KEPT:
            return
        self._answers[message_id] = (text, fingerprint)
        if len(self._answers) > MOST_ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]


def admit(call: Call, dialect: Dialect) -> Handle:
    """Check a CALL against its schema, and mend it if it has to be.

    Raises:
        CallFailed: If it can't be handled.
    """
    version = dialect.version
    if dialect.signed and call.action.endswith(SIGNED):
        call = _unwrapped(call)
    if call.action not in schemas.known_actions(version, "station"):
        if call.action in schemas.known_actions(version, "csms"):
            raise errors.ActionNotSupported("not for a station to ask")
        raise errors.ActionUnknown("no such action")
    finding = schemas.validate(version, call.action, "call", call.payload)
    if finding is None:
        return Handle(call, call.deviations)
    mended = tolerance.mend(version, call.action, call.payload)
    if mended is not None:
        payload, deviations = mended
        return Handle(dataclasses.replace(call, payload=payload), call.deviations + deviations)
    if any(deviation.rule == "json" for deviation in call.deviations):
        # What can't be used is our reading of something that wasn't JSON: that is what is wrong with it.
        raise errors.FormatViolation(f"not JSON; {finding.text}")
    raise errors.BY_CODE[finding.code](finding.text)


def _unwrapped(call: Call) -> Call:
    """The CALL inside a signed one. Its signature isn't looked at: the socket has vouched for the station.

    Source: OCPP 2.0.1 part 4, sections 7.1 and 7.2; RFC 7515, section 7.2.2.
    """
    action = call.action.removesuffix(SIGNED)
    try:
        wrapped = base64.b64decode(_padded(call.payload["payload"]), altchars=b"-_", validate=True).decode()
        inner = frames.decode(f'[2,"",{orjson.dumps(action).decode()},{wrapped}]')
    except (KeyError, TypeError, ValueError, MalformedFrame):
        raise errors.ActionNotSupported("signed message can't be read") from None
    assert isinstance(inner, Call)
    return dataclasses.replace(
        inner, message_id=call.message_id, deviations=call.deviations + inner.deviations
    )


def _padded(encoded: str) -> str:
    return encoded + "=" * (-len(encoded) % 4)
