"""What a frame says, in a line: the few values that an operator looks for. Pure.

Any text may be a frame's; what can't be read is told as it is. Templates escape what comes from here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dashboard import figures
from dashboard.statuses import Shown
from stations.models import Direction, Frame, Kind

# What is asked for most, to choose from; anything else can be typed.
ACTIONS = (
    "Authorize",
    "BootNotification",
    "ChangeAvailability",
    "DataTransfer",
    "FirmwareStatusNotification",
    "GetBaseReport",
    "Heartbeat",
    "MeterValues",
    "NotifyEvent",
    "NotifyReport",
    "RemoteStartTransaction",
    "RequestStartTransaction",
    "Reset",
    "SecurityEventNotification",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "TransactionEvent",
    "TriggerMessage",
)

LONGEST = 160
MOST = 5

# By the last part of a value's path, in the order in which they are told; "" is told without its name.
NAMES = {
    "eventType": "",
    "status": "",
    "connectorStatus": "",
    "chargingState": "",
    "triggerReason": "",
    "requestedMessage": "",
    "type": "",
    "evse.id": "EVSE",
    "evseId": "EVSE",
    "connectorId": "connector",
    "errorCode": "",
    "vendorErrorCode": "vendor code",
    "info": "",
    "idTag": "token",
    "idToken": "token",
    "transactionId": "transaction",
    "meterStart": "from Wh",
    "meterStop": "to Wh",
    "chargePointVendor": "",
    "vendorName": "",
    "chargePointModel": "",
    "model": "",
    "firmwareVersion": "firmware",
    "reason": "",
    "key": "",
    "value": "",
    "vendorId": "vendor",
    "interval": "interval s",
    "currentTime": "",
}
_ORDER = {name: position for position, name in enumerate(NAMES)}
_TOLD = ("Power.Active.Import", "Energy.Active.Import.Register", "SoC")
# Said so often that it says nothing.
_IDLE = {"NoError", "null", ""}

KINDS = {
    Kind.CALL: Shown("call", "CALL"),
    Kind.RESULT: Shown("accepted", "CALLRESULT"),
    Kind.ERROR: Shown("failed", "CALLERROR"),
    Kind.DAMAGED: Shown("failed", "Not OCPP"),
}
DIRECTIONS = {
    Direction.RECEIVED: ("received", "→", "from the station"),
    Direction.SENT: ("sent", "←", "to the station"),
}


def payload(frame: Frame) -> object:
    """What the frame carries; its text where that can't be read."""
    parts = read(frame.text)
    match parts:
        case [2, _, _, body, *_] | [3, _, body, *_]:
            return body
        case [4, *_]:
            return parts
        case _:
            return frame.text


def verdict(frame: Frame) -> str:
    """The status that an answer gives, whatever it is called there; "" where it gives none."""
    match payload(frame):
        case (
            {"status": str(word)}
            | {"idTagInfo": {"status": str(word)}}
            | {"idTokenInfo": {"status": str(word)}}
        ):
            return word
        case _:
            return ""


def read(text: str) -> Any:  # noqa: ANN401 - JSON
    """A frame as JSON; None if it isn't."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def summary(frame: Frame) -> str:
    """The frame in a line."""
    parts = read(frame.text)
    match parts:
        case [2, _, _, dict(body), *_] | [3, _, dict(body), *_]:
            said = _said(body)
        case [4, _, code, description, *_]:
            said = f"{code}: {description}" if description else str(code)
        case _:
            said = frame.note or frame.text
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _said(body: Mapping[str, Any]) -> str:
    found = sorted(_values(body), key=lambda each: _ORDER[each[0]])
    told = [f"{NAMES[name]} {value}".strip() for name, value in found if value not in _IDLE]
    return " · ".join(dict.fromkeys([*told[:MOST], *list(_samples(body))[:3]]))


def _values(body: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The values that have a name here, of objects within objects too."""
    for name, value in body.items():
        full = f"{path}.{name}" if path else name
        known = full if full in NAMES else name
        match value:
            case dict() if depth < 3:
                yield from _values(value, name, depth + 1)
            case str() if known in ("idTag", "idToken"):
                yield known, figures.masked(value)
            case str() | int() | float() if known in NAMES:
                yield known, str(value)
            case _:
                pass


def _samples(body: Mapping[str, Any]) -> Iterator[str]:
    """The newest reading of a meter, without what stands for phases and voltages."""
    match body.get("meterValue"):
        case [*_, {"sampledValue": [*samples]}]:
            pass
        case _:
            return
    for sample in samples:
        match sample:
            case {"measurand": str(measurand)} if not measurand.startswith(
                ("Power.Active.Import", "Energy", "SoC")
            ):
                continue
            case {"phase": str()}:
                continue
            case {"value": value}:
                unit = sample.get("unit") or (sample.get("unitOfMeasure") or {}).get("unit") or "Wh"
                yield f"{value} {unit}"
