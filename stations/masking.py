"""Secrets are masked before anything is stored or shown. Pure.

What is secret is told by its name: stations read passwords back to whoever asks (quirk 86), and a vendor's
keys are in no list. A name that is masked for nothing costs an operator a look at the station; one that is
missed puts a password into the log.
"""

import base64
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

MASK = "***"

_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|passcode|secret|credential|(?:access|api|auth|bearer|refresh)_?token"
    # A key, but neither keys that are counted, hashed or public nor a keypad: "Key" ends its word.
    r"|(?-i:(?<![Pp]ublic)(?:Key|key)(?![a-z]|_?[Hh]ash)|KEY(?![A-Z])|(?:Pin|PIN|_pin|Psk|PSK)(?![A-Za-z]))",
    re.IGNORECASE,
)

# Password in a URL: scheme://user:password@host. JSON may escape the slashes.
_URL_PASSWORD = re.compile(r'(:\\?/\\?/[^:/?#@"\s\\]*):[^/?#"\s]+@')

# Of files that stations fetch from us or leave: who knows the token may do so (`stations.file_addresses`).
_FILE_TOKEN = re.compile(r"(/files/(?:firmware|logs)/)[A-Za-z0-9_-]{43}")

# Names are compared as `plain` has them: the gateway reads what a station misspells (`gateway.rereading`).
# Where a name and its value stand side by side, in the words of OCPP and in ours.
_VALUES = frozenset({"value", "attributevalue", "actualvalue"})

# A token that a driver keys in is shown in no log (OCPP 2.0.1, C04.FR.04), in whatever case a station writes
# its type. By its field, that of its type.
_KEY_CODE = "keycode"
_TOKENS = {"idtoken": "type", "id_token": "id_token_type", "additionalidtoken": "type"}

# Actions whose frames hold tokens and no other secret, and those whose frames hold neither. One that is in no
# list, here or below, is a vendor's, or a mistake: its frames are read.
_WITH_TOKENS = frozenset(
    {
        "Authorize", "CustomerInformation", "RequestStartTransaction", "ReserveNow", "SendLocalList",
        "TransactionEvent",
    }
)  # fmt: skip
_PLAIN = frozenset(
    {
        "BootNotification", "CancelReservation", "CertificateSigned", "ChangeAvailability",
        "ClearCache", "ClearChargingProfile", "ClearDisplayMessage", "ClearVariableMonitoring",
        "ClearedChargingLimit", "CostUpdated", "DeleteCertificate",
        "DiagnosticsStatusNotification", "ExtendedTriggerMessage", "FirmwareStatusNotification",
        "Get15118EVCertificate", "GetBaseReport", "GetCertificateStatus", "GetChargingProfiles",
        "GetCompositeSchedule", "GetDisplayMessages", "GetInstalledCertificateIds", "GetLocalListVersion",
        "GetMonitoringReport", "GetReport", "GetTransactionStatus", "Heartbeat", "InstallCertificate",
        "LogStatusNotification", "MeterValues", "NotifyChargingLimit", "NotifyCustomerInformation",
        "NotifyDisplayMessages", "NotifyEVChargingNeeds", "NotifyEVChargingSchedule",
        "NotifyMonitoringReport", "RemoteStartTransaction", "RemoteStopTransaction",
        "ReportChargingProfiles", "RequestStopTransaction",
        "ReservationStatusUpdate", "Reset", "SecurityEventNotification",
        "SetChargingProfile", "SetDisplayMessage", "SetMonitoringBase", "SetMonitoringLevel",
        "SetVariableMonitoring", "SignCertificate", "SignedFirmwareStatusNotification", "StartTransaction",
        "StatusNotification", "StopTransaction", "TriggerMessage", "UnlockConnector",
        "UnpublishFirmware",
    }
)  # fmt: skip

# What a vendor adds to any message, as `customData`, may hold anything. Some write it with a capital.
_VENDORS_OWN = 'ustomData"'

# A signed CALL carries its payload as the base64 of its JSON (OCPP 2.0.1 part 4, section 7).
_SIGNED = "-Signed"
_SIGNED_PAYLOAD = re.compile(r'("payload"\s*+:\s*+")[^"]*+')

# Actions whose frames can hold a secret: settings, and places to load from or to.
_ACTIONS = frozenset(
    {
        "ChangeConfiguration", "GetConfiguration", "SetVariables", "GetVariables", "NotifyReport",
        "NotifyEvent", "GetDiagnostics", "GetLog", "UpdateFirmware", "SignedUpdateFirmware",
        "PublishFirmware", "PublishFirmwareStatusNotification", "SetNetworkProfile", "DataTransfer",
    }
)  # fmt: skip

# A member of a text that isn't quite JSON, '"password": "…"', up to its value. A charger chooses the text: no
# step back, however long it is.
_NAME = re.compile(r'"([^"\\]*+)"\s*+:\s*+(?=["\w.+-])')
_REST_OF_VALUE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\w.+-]++', re.DOTALL)


def is_secret(name: str) -> bool:
    """Whether a configuration key, a variable or a field of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def text(action: str, frame: str, *, hidden: Collection[str] = ()) -> str:
    """A frame of ``action`` without its secrets; what is JSON stays JSON. Most actions have none: no cost.

    ``action`` is "" where a frame is too damaged to tell, or settles nothing that is known; ``hidden`` as in
    `value`.
    """
    if action in _PLAIN and _VENDORS_OWN not in frame:
        return frame
    try:
        return _text(action, frame, hidden)
    except (RecursionError, orjson.JSONEncodeError):
        return MASK  # nobody nests like that to be read


def _text(action: str, frame: str, hidden: Collection[str]) -> str:
    if f'{_SIGNED}"' in frame:
        frame = _signed(frame, hidden)
    if not _may_hold_secrets(action, frame):
        return frame
    try:
        return _json(frame, hidden)
    except orjson.JSONDecodeError:
        return _URL_PASSWORD.sub(rf"\1:{MASK}@", _damaged(frame))


def _json(said: str, hidden: Collection[str]) -> str:
    """JSON without its secrets; in the spelling that it had, if it has none."""
    parts = orjson.loads(said)
    masked = value(parts, hidden=hidden)
    return said if masked == parts else orjson.dumps(masked).decode()


def _damaged(frame: str, *, beside: Collection[str] = _VALUES) -> str:
    """A text that isn't JSON without what names of secrets hold; ``beside``: names that may hold one, too."""
    tokens: Collection[str] = _TOKENS if _KEY_CODE in frame.lower() else ()

    def hides(name: str) -> bool:
        return is_secret(name) or plain(name) in beside or plain(name) in tokens

    return with_others(frame, hides, lambda _: f'"{MASK}"')


def with_others(frame: str, wanted: Callable[[str], bool], other: Callable[[str], str]) -> str:
    """A text that isn't JSON with ``other`` values, in its spelling, for those that ``wanted`` names hold."""
    kept, end = [], 0
    for found in _NAME.finditer(frame):
        if found.start() >= end and wanted(found[1]):
            rest = _REST_OF_VALUE.match(frame, found.end())
            kept += [frame[end : found.end()], other(rest[0] if rest else "")]
            end = rest.end() if rest else found.end()
    return "".join([*kept, frame[end:]])


def _may_hold_secrets(action: str, frame: str) -> bool:
    if action in _ACTIONS:
        return True
    if _KEY_CODE in frame.lower():
        return True
    if action in _WITH_TOKENS and _VENDORS_OWN not in frame:
        return False
    return is_secret(frame) or "@" in frame


def _signed(frame: str, hidden: Collection[str]) -> str:
    """A signed CALL without the secrets of the one inside; if it has any, its signature is worth nothing."""
    try:
        parts = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return _SIGNED_PAYLOAD.sub(rf"\1{MASK}", frame)
    match parts:
        case [2, _, str(action), {"payload": str(encoded)} as wrapping] if action.endswith(_SIGNED):
            try:
                said = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
            except ValueError:
                wrapping["payload"] = MASK
                return orjson.dumps(parts).decode()
            masked = text(action.removesuffix(_SIGNED), said, hidden=hidden)
            if masked != said:
                wrapping["payload"] = base64.urlsafe_b64encode(masked.encode()).decode().rstrip("=")
                return orjson.dumps(parts).decode()
    return frame


def value(found: Any, *, secret: bool = False, hidden: Collection[str] = ()) -> Any:  # noqa: ANN401 — any JSON
    """JSON without its secrets.

    Args:
        found: Any JSON.
        secret: It is the values of a secret, as objects.
        hidden: Names of variables, in lower case, whose values are secrets whatever they are called.
    """
    match found:
        case str():
            return _url(_inside(found, hidden))
        case dict():
            return _members(found, secret=secret, hidden=hidden)
        case list() | tuple():
            return [value(item, secret=secret, hidden=hidden) for item in found]
    return found


def _inside(found: str, hidden: Collection[str]) -> str:
    """A text; one that begins like JSON, as all data of 1.6's vendors are, is read like that."""
    if not found.lstrip().startswith(("{", "[", '"')) or not _may_hold_secrets("", found):
        return found
    try:
        return _json(found, hidden)
    except orjson.JSONDecodeError:
        # A part of something, more often than damaged: what it is about may have been said before.
        return _damaged(found, beside=())
    except (RecursionError, orjson.JSONEncodeError):
        return MASK  # nobody nests like that to be read


def _url(found: str) -> str:
    if "@" in found:
        found = _URL_PASSWORD.sub(rf"\1:{MASK}@", found)
    return _FILE_TOKEN.sub(rf"\1{MASK}", found) if "/files/" in found else found


def _members(found: Mapping[str, Any], *, secret: bool, hidden: Collection[str]) -> dict[str, Any]:
    said = {plain(name): item for name, item in found.items()}
    secret = secret or any(is_secret(name) or name.casefold() in hidden for name in _subjects(said))
    masked: dict[str, Any] = {}
    for written, item in found.items():
        name = plain(written)
        if item in (None, "") or isinstance(item, bool):
            masked[written] = item
        elif (
            (secret and name in _VALUES)
            or _is_code(name, item, said)
            or (is_secret(written) and _is_value(name, item, said))
        ):
            masked[written] = MASK
        else:
            masked[written] = value(item, secret=secret and name == "variableattribute", hidden=hidden)
    return masked


def plain(name: str) -> str:
    """A name as names are compared: without case, nor space around it."""
    return name.strip().casefold()


def _is_code(name: str, item: object, said: Mapping[str, Any]) -> bool:
    """Whether ``item`` is a token that was keyed in, be it a number."""
    if name not in _TOKENS or isinstance(item, dict):
        return False
    return plain(str(said.get(_TOKENS[name]))) == _KEY_CODE


def _is_value(name: str, item: object, said: Mapping[str, Any]) -> bool:
    """Whether a field with a secret's name holds it: "key" is a setting's name, but in a VPN's settings."""
    return not isinstance(item, dict | list) and (name != "key" or "password" in said)


def _subjects(said: Mapping[str, Any]) -> list[str]:
    """What an object with a value is about: a configuration key, a variable by name or as an object.

    Who names it in two ways at once is refused, but what was said is shown all the same.
    """
    subjects: list[object] = []
    for name in (said.get("key"), said.get("variable")):
        if isinstance(name, dict):
            subjects += [inner for word, inner in name.items() if plain(word) == "name"]
        else:
            subjects.append(name)
    return [name for name in subjects if isinstance(name, str)]


def without_masked(found: Mapping[str, Any]) -> dict[str, Any]:
    """Masked params without what isn't known any more, to be asked for anew."""
    return {name: _known(item) for name, item in found.items() if not _is_masked(item)}


def _known(item: Any) -> Any:  # noqa: ANN401 — any JSON
    match item:
        case dict():
            return without_masked(item)
        case list():
            return [_known(each) for each in item if not _is_masked(each)]
    return item


def _is_masked(item: object) -> bool:
    return isinstance(item, str) and MASK in item
