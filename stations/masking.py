"""Secrets are masked before anything is stored or shown. Pure.

What is secret is told by its name: stations read passwords back to whoever asks (quirk 86), and a vendor's
keys are in no list. A name that is masked for nothing costs an operator a look at the station; one that is
missed puts a password into the log.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

MASK = "***"

_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|passcode|secret|credential|(?:access|api|auth|bearer|refresh)_?token"
    # A key, but neither keys that are counted or public nor a keypad: "Key" ends its word.
    r"|(?-i:(?<![Pp]ublic)(?:Key|key)(?![a-z])|KEY(?![A-Z])|(?:Pin|PIN|Psk|PSK)(?![A-Za-z]))",
    re.IGNORECASE,
)

# Password in a URL: scheme://user:password@host. JSON may escape the slashes.
_URL_PASSWORD = re.compile(r'(:\\?/\\?/[^:/?#@"\s\\]*):[^/?#"\s]+@')

# Where a name and its value stand side by side, in the words of OCPP and in ours.
_VALUES = frozenset({"value", "attributeValue", "actualValue"})

# Actions whose frames can hold a secret: settings, and places to load from or to.
_ACTIONS = frozenset(
    {
        "ChangeConfiguration", "GetConfiguration", "SetVariables", "GetVariables", "NotifyReport",
        "NotifyEvent", "GetDiagnostics", "GetLog", "UpdateFirmware", "SignedUpdateFirmware",
        "PublishFirmware", "SetNetworkProfile", "DataTransfer",
    }
)  # fmt: skip

# A member of a text that isn't quite JSON: '"password": "…"'.
_MEMBER = re.compile(
    r'("(?:value|attributeValue|actualValue|[^"]*passw[^"]*)"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.I
)


def is_secret(name: str) -> bool:
    """Whether a configuration key, a variable or a field of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def text(action: str, frame: str) -> str:
    """A frame of ``action`` without its secrets; what is JSON stays JSON. Most actions have none: no cost.

    ``action`` is "" where a frame is too damaged to tell, or settles nothing that is known.
    """
    if action not in _ACTIONS if action else not (is_secret(frame) or "@" in frame):
        return frame
    try:
        parts = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return _URL_PASSWORD.sub(rf"\1:{MASK}@", _MEMBER.sub(rf'\1"{MASK}"', frame))
    masked = value(parts)
    return frame if masked == parts else orjson.dumps(masked).decode()


def value(found: Any, *, secret: bool = False) -> Any:  # noqa: ANN401 — any JSON
    """JSON without its secrets; ``secret``: it is the values of one, as objects."""
    match found:
        case str():
            return _URL_PASSWORD.sub(rf"\1:{MASK}@", found) if "@" in found else found
        case dict():
            return _members(found, secret=secret)
        case list() | tuple():
            return [value(item, secret=secret) for item in found]
    return found


def _members(found: Mapping[str, Any], *, secret: bool) -> dict[str, Any]:
    secret = secret or is_secret(_subject(found))
    masked: dict[str, Any] = {}
    for name, item in found.items():
        if item in (None, "") or isinstance(item, bool):
            masked[name] = item
        elif (secret and name in _VALUES) or (is_secret(name) and _is_value(name, found)):
            masked[name] = MASK
        else:
            masked[name] = value(item, secret=secret and name == "variableAttribute")
    return masked


def _is_value(name: str, found: Mapping[str, Any]) -> bool:
    """Whether a field with a secret's name holds it: "key" is a setting's name, but in a VPN's settings."""
    return not isinstance(found[name], dict | list) and (name != "key" or "password" in found)


def _subject(found: Mapping[str, Any]) -> str:
    """What an object with a value is about: a configuration key, or a variable by name or as an object."""
    match found:
        case {"key": str(name)} if name:
            return name
        case {"variable": str(name)} | {"variable": {"name": str(name)}}:
            return name
    return ""
