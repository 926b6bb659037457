"""OCPP-J frames: the JSON arrays that cross the WebSocket.

Source: OCPP 2.0.1 part 4, sections 4.1 and 4.2; OCPP-J 1.6, sections 4.1 and 4.2.

Stations send JSON that isn't quite JSON. What can be read without guessing at its meaning is read, and each
liberty that was taken is a `Deviation` on the frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway import errors, json_text
from gateway.json_text import Json

CALL, CALLRESULT, CALLERROR = 2, 3, 4

# What a CALLERROR is addressed to when no message id could be read (2.0.1 part 4, section 4.2.3).
UNREADABLE_ID = "-1"

# OCPP allows 36 characters. Longer ones are answered as well, up to what can't be an id any more.
LONGEST_ID = 36
LONGEST_ID_READ = 255
LONGEST_ACTION = 64
LONGEST_DESCRIPTION = 255

# Levels of arrays and objects, the frame's own array counted. No message of OCPP needs ten.
DEEPEST = 32

type MessageId = str | int
type Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One liberty that a station took with OCPP, and that we let pass.

    Attributes:
        path: Where, without list indexes, as in ``meterValue[].timestamp``; "" for the frame itself. At most
            200 characters.
        rule: What was broken: ``json``, ``message-id``, or a keyword of JSON Schema.
        detail: What we made of it, for people; may hold a part of the value. At most 300 characters.
    """

    path: str
    rule: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request.

    ``message_id`` is an int where the station wrote a number: the answer has to write one as well.
    """

    message_id: MessageId
    action: str
    payload: Payload
    deviations: tuple[Deviation, ...] = ()


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a CALL; what it answers is known by the message id alone."""

    message_id: MessageId
    payload: Payload
    deviations: tuple[Deviation, ...] = ()


@dataclass(frozen=True, slots=True)
class CallError:
    """The answer to a CALL that couldn't be carried out or understood.

    ``code`` is spelt as the sender spelt it; see `errors.canonical`.
    """

    message_id: MessageId
    code: str
    description: str
    details: Payload
    deviations: tuple[Deviation, ...] = ()


type Frame = Call | CallResult | CallError


class MalformedFrame(Exception):
    """Not an OCPP-J frame.

    Attributes:
        message_id: The id to answer to; "-1" where none could be read, None where no answer is due (a damaged
            answer isn't itself answered).
        answers: The id of the CALL that a damaged answer was meant for, if that can be read.
        code: errorCode for the answer, as OCPP 2.0.1 spells it.
    """

    def __init__(
        self,
        reason: str,
        *,
        message_id: MessageId | None = UNREADABLE_ID,
        answers: MessageId | None = None,
        code: str = errors.RpcFrameworkError.code,
    ) -> None:
        super().__init__(reason)
        self.message_id = message_id
        self.answers = answers
        self.code = code


class UnreadableText(MalformedFrame):
    """The text isn't a JSON array: there is no frame to speak of."""


class UnknownMessageType(MalformedFrame):
    """A frame of a type that OCPP may have some day (2.1 has two more)."""


def decode(text: str) -> Frame:
    """Read one frame.

    Of two equal keys the last wins. That is noticed, and flagged, where the payload is flat: there it is
    cheap to see, and there are the messages that start and stop transactions.

    Raises:
        MalformedFrame: If ``text`` isn't JSON, or isn't shaped like a frame.
    """
    parts: Json
    deviations: tuple[Deviation, ...] = ()
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        parts = _read_damaged(text)
        deviations = (Deviation("", "json", str(error)),)
    if type(parts) is not list or not parts:
        raise UnreadableText("not a JSON array with anything in it")
    brackets = text.count("[") + text.count("{")
    if brackets > DEEPEST and json_text.is_deeper(parts, DEEPEST):
        raise _malformed(parts, f"nested deeper than {DEEPEST} levels")
    if deviations or "\\u0000" in text:
        parts, scrubbed = _scrubbed(parts)
        deviations += scrubbed
    elif brackets == 2 and type(parts[-1]) is dict and text.count('":') > len(parts[-1]):
        twice = json_text.repeated_keys(text)
        deviations = tuple(Deviation(key[:200], "duplicate", "the last one counts") for key in twice[:5])
    return _frame(parts, deviations)


def encode(frame: Frame) -> str:
    """The text of one frame, as compact as JSON allows; a description is cut to OCPP's 255 characters."""
    parts: list[object]
    match frame:
        case Call():
            parts = [CALL, frame.message_id, frame.action, frame.payload]
        case CallResult():
            parts = [CALLRESULT, frame.message_id, frame.payload]
        case CallError():
            description = frame.description[:LONGEST_DESCRIPTION]
            parts = [CALLERROR, frame.message_id, frame.code, description, frame.details]
    return orjson.dumps(parts).decode()


def _frame(parts: list[Json], deviations: tuple[Deviation, ...]) -> Frame:
    kind = parts[0]
    if kind == CALL:
        return _call(parts, deviations)
    if kind == CALLRESULT:
        return _call_result(parts, deviations)
    if kind == CALLERROR:
        return _call_error(parts, deviations)
    message_id = _message_id(parts)
    raise UnknownMessageType(
        "message type unknown",
        message_id=UNREADABLE_ID if message_id is None else message_id,
        code=errors.MessageTypeNotSupported.code,
    )


def _call(parts: list[Json], deviations: tuple[Deviation, ...]) -> Call:
    message_id = _message_id(parts)
    if message_id is None:
        raise _malformed(parts, "message id can't be read")
    if len(parts) != 4:
        raise _malformed(parts, "a CALL has four elements")
    action, payload = parts[2], parts[3]
    if type(action) is not str or len(action) > LONGEST_ACTION:
        raise _malformed(parts, "action isn't a name")
    if payload is None:
        payload = {}
    if type(payload) is not dict:
        raise _malformed(parts, "payload isn't an object")
    return Call(message_id, action, payload, deviations + _id_deviations(message_id))


def _call_result(parts: list[Json], deviations: tuple[Deviation, ...]) -> CallResult:
    message_id = _message_id(parts)
    payload = parts[2] if len(parts) > 2 else None
    if payload is None:
        payload = {}
    if message_id is None or type(payload) is not dict:
        raise _malformed(parts, "not a message id and an object")
    if len(parts) != 3:
        deviations += (Deviation("", "elements", "a CALLRESULT has three elements"),)
    return CallResult(message_id, payload, deviations + _id_deviations(message_id))


def _call_error(parts: list[Json], deviations: tuple[Deviation, ...]) -> CallError:
    """Whatever else is wrong with it, a CALLERROR says that there will be no result."""
    message_id = _message_id(parts)
    if message_id is None:
        raise _malformed(parts, "message id can't be read")
    rest = [*parts[2:], None, None, None]
    code = rest[0] if isinstance(rest[0], str) else errors.GenericError.code
    description = rest[1] if isinstance(rest[1], str) else ""
    details = rest[2] if isinstance(rest[2], dict) else {}
    if parts[2:] != [code, description, details]:
        deviations += (Deviation("", "elements", "not a code, a description and an object"),)
    return CallError(
        message_id,
        code[:LONGEST_ACTION],
        description[:LONGEST_DESCRIPTION],
        details,
        deviations + _id_deviations(message_id),
    )


def _malformed(parts: list[Json], reason: str) -> MalformedFrame:
    """What there is to say of a frame whose first element may still be read."""
    message_id = _message_id(parts)
    if parts[0] in (CALLRESULT, CALLERROR):
        return MalformedFrame(reason, message_id=None, answers=message_id)
    if message_id is None:
        return MalformedFrame(reason)
    return MalformedFrame(reason, message_id=message_id, code=errors.FormatViolation.code)


def _message_id(parts: list[Json]) -> MessageId | None:
    """The second element, if it may be an id; None otherwise."""
    match parts[1:2]:
        case [str(text)] if len(text) <= LONGEST_ID_READ and text.isprintable():
            return text
        case [int(number)] if not isinstance(number, bool):
            return number
    return None


def _id_deviations(message_id: MessageId) -> tuple[Deviation, ...]:
    if type(message_id) is int:
        return (Deviation("", "message-id", "a number, not a text"),)
    if len(str(message_id)) > LONGEST_ID:
        return (Deviation("", "message-id", f"longer than {LONGEST_ID} characters"),)
    return ()


def _read_damaged(text: str) -> Json:
    try:
        return json_text.read_damaged(text)
    except ValueError:
        raise UnreadableText("not JSON") from None


def _scrubbed(parts: list[Json]) -> tuple[list[Json], tuple[Deviation, ...]]:
    scrubbed = [json_text.scrubbed(part) for part in parts]
    if scrubbed == parts:
        return parts, ()
    return scrubbed, (Deviation("", "character", "NUL or half a surrogate pair: replaced by U+FFFD"),)
