"""Why a CALL has no CALLRESULT, and why a command can't become a CALL.

CallFailed                          the station's CALL is answered with a CALLERROR
├── ActionUnknown                   NotImplemented: no such action
├── ActionNotSupported              NotSupported: the action exists, but not from a station, or not here
├── FormatViolation                 the frame or the payload isn't formed as it must be
├── OccurrenceConstraintViolation   a field is missing, or is there too often
├── TypeConstraintViolation         a field is of another type
├── PropertyConstraintViolation     a field holds a value that no station may send
├── ProtocolError                   the payload doesn't belong to this action
├── SecurityError                   the station may not say this now
├── MessageTypeNotSupported         neither CALL nor an answer (2.0.1 only)
├── RpcFrameworkError               no call at all: its message id can't be read, say (2.0.1 only)
├── GenericError                    anything else
└── InternalError                   our own fault

CommandUnsupported                  this version of OCPP has no words for a command of ours
CallStillOpen                       a CALL of ours waits for its answer; OCPP-J allows no second one

Source of the codes: OCPP 2.0.1 part 4, section 4.3; OCPP-J 1.6, section 4.2.3, and its errata 5.1 and 5.2,
which keep two misspelt codes on purpose.
"""

from collections.abc import Mapping
from typing import ClassVar


class CallFailed(Exception):
    """The station's CALL can't be answered with a CALLRESULT.

    The text goes on the wire: it names the field and never repeats the value.

    Attributes:
        code: errorCode, as OCPP 2.0.1 spells it; `spelled` gives the spelling of a version.
    """

    code: ClassVar[str] = "InternalError"


class ActionUnknown(CallFailed):
    """There is no such action in this version of OCPP."""

    code = "NotImplemented"


class ActionNotSupported(CallFailed):
    """The action exists, but isn't one that a station may ask, or that we serve."""

    code = "NotSupported"


class FormatViolation(CallFailed):
    """The payload isn't formed as this action's payload must be."""

    code = "FormatViolation"


class OccurrenceConstraintViolation(CallFailed):
    """A field is missing, or a list holds too few or too many."""

    code = "OccurrenceConstraintViolation"


class TypeConstraintViolation(CallFailed):
    """A field is of another type than it must be."""

    code = "TypeConstraintViolation"


class PropertyConstraintViolation(CallFailed):
    """A field holds a value that no station may send."""

    code = "PropertyConstraintViolation"


class ProtocolError(CallFailed):
    """The payload doesn't belong to this action."""

    code = "ProtocolError"


class SecurityError(CallFailed):
    """The station may not say this: it isn't accepted yet, say."""

    code = "SecurityError"


class MessageTypeNotSupported(CallFailed):
    """The frame is neither a CALL nor an answer to one."""

    code = "MessageTypeNotSupported"


class RpcFrameworkError(CallFailed):
    """The frame is no remote procedure call: its message id can't be read, say."""

    code = "RpcFrameworkError"


class GenericError(CallFailed):
    """What no other code says."""

    code = "GenericError"


class InternalError(CallFailed):
    """Our own fault. Says nothing of what went wrong."""

    code = "InternalError"


class CommandUnsupported(Exception):
    """This version of OCPP can't say what the command asks; the text tells the operator why."""


class CallStillOpen(Exception):
    """A CALL of ours isn't answered yet, and only one may be open on a connection."""


BY_CODE: Mapping[str, type[CallFailed]] = {failure.code: failure for failure in CallFailed.__subclasses__()}

# What a version writes instead. 1.6 has no code for what isn't an RPC frame; such a frame is ill-formed.
_SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "1.6": {
        "FormatViolation": "FormationViolation",
        "OccurrenceConstraintViolation": "OccurenceConstraintViolation",
        "RpcFrameworkError": "FormationViolation",
        "MessageTypeNotSupported": "GenericError",
    },
    "2.0.1": {},
}

_CANONICAL: Mapping[str, str] = {code.casefold(): code for code in BY_CODE} | {
    "formationviolation": "FormatViolation",
    "occurenceconstraintviolation": "OccurrenceConstraintViolation",
}


def spelled(code: str, version: str) -> str:
    """``code`` (in 2.0.1's spelling) as ``version`` spells it."""
    return _SPELLINGS[version].get(code, code)


def canonical(code: str) -> str:
    """A peer's error code in 2.0.1's spelling, whichever it used; a code of nobody's stays as it is."""
    return _CANONICAL.get(code.casefold(), code)
