"""OCPP-J frames, as a station writes and reads them.

Source: OCPP-J 1.6 section 4.2; OCPP 2.0.1 part 4, section 4.2.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    message_id: str
    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class CallResult:
    message_id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class CallError:
    message_id: str
    code: str
    description: str = ""
    details: Payload = field(default_factory=dict)


Frame = Call | CallResult | CallError


class MalformedFrame(Exception):
    """The text isn't an OCPP-J frame.

    Attributes:
        message_id: Of the CALL that it tried to be; None where no answer is due.
    """

    def __init__(self, text: str, message_id: str | None = None) -> None:
        super().__init__(text)
        self.message_id = message_id


def encode(frame: Frame) -> str:
    match frame:
        case Call(message_id, action, payload):
            parts = [2, message_id, action, payload]
        case CallResult(message_id, payload):
            parts = [3, message_id, payload]
        case CallError(message_id, code, description, details):
            parts = [4, message_id, code, description[:255], details]
    return orjson.dumps(parts).decode()


def decode(text: str | bytes) -> Frame:
    """Read one frame.

    Raises:
        MalformedFrame: If ``text`` isn't JSON, or isn't shaped like a frame.
    """
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise MalformedFrame("not JSON") from exc
    match parts:
        case [2, str(message_id), str(action), dict() | None as payload]:
            return Call(message_id, action, payload or {})
        case [3, str(message_id), dict() | None as payload]:
            return CallResult(message_id, payload or {})
        case [4, str(message_id), str(code), str(description), dict(details)]:
            return CallError(message_id, code, description, details)
        case [2, str(message_id), *_]:
            raise MalformedFrame("a CALL of the wrong shape", message_id)
    raise MalformedFrame("not an OCPP-J frame")
