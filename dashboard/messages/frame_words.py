"""What a frame says, in a line: the few values that an operator looks for. Pure.

Any text may be a frame's; what can't be read is told as it is. Templates escape what comes from here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from dashboard import figures
from dashboard.messages import token_hiding
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
MOST = 6
DEEPEST = 3

# What something is, and where: by the last part of a value's path, in the order in which it is told. A value
# is told after its name here, if it needs one.
WHAT = {
    "eventType": "",
    "status": "",
    "connectorStatus": "",
    "chargingState": "",
    "requestedMessage": "",
    "type": "",
    "evse.id": "EVSE",
    "evseId": "EVSE",
    "connectorId": "connector",
}
# The rest, told after what a meter read.
MORE = {
    "errorCode": "",
    "vendorErrorCode": "vendor code",
    "info": "",
    "idTag": "token",
    "idToken": "token",
    "meterStart": "from Wh",
    "meterStop": "to Wh",
    "reason": "",
    "triggerReason": "",
    "chargePointVendor": "",
    "vendorName": "",
    "chargePointModel": "",
    "model": "",
    "firmwareVersion": "firmware",
    "key": "",
    "value": "",
    "vendorId": "vendor",
    "interval": "interval s",
    "currentTime": "",
    "transactionId": "transaction",
}
NAMES = WHAT | MORE
_ORDER = {name: position for position, name in enumerate(NAMES)}
# Said so often that it says nothing.
_IDLE = {"NoError", "null", ""}
# Ids that people don't read anyhow are told by their end.
_LONGEST_ID = 12

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
    return payload_of(frame.text)


def payload_of(text: str) -> object:
    """The same of a frame's text."""
    parts = read(text)
    match parts:
        case [2, _, _, body, *_] | [3, _, body, *_]:
            return body
        case [4, *_]:
            return parts
        case _:
            return text


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
            said = frame.note or token_hiding.hidden(frame.text)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _said(body: Mapping[str, Any]) -> str:
    values = [(name, value) for name, value in _values(body) if value not in _IDLE]
    told = [*_told(values, WHAT), *_samples(body), *_told(values, MORE)]
    return " · ".join(list(dict.fromkeys(told))[:MOST])


def _told(values: Iterable[tuple[str, str]], names: Mapping[str, str]) -> list[str]:
    found = [(name, value) for name, value in values if name in names]
    return [
        f"{names[name]} {value}".strip() for name, value in sorted(found, key=lambda each: _ORDER[each[0]])
    ]


def _values(body: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The values that have a name here, of objects within objects too."""
    for name, value in body.items():
        full = f"{path}.{name}" if path else name
        known = full if full in NAMES else name
        match value:
            case dict() if depth < DEEPEST:
                yield from _values(value, name, depth + 1)
            case str() | int() | float() if known in ("idTag", "idToken"):
                yield known, figures.masked(str(value))
            case str() if known == "transactionId" and len(value) > _LONGEST_ID:
                yield known, f"…{value[-6:]}"
            case str() | int() | float() if known in NAMES:
                yield known, str(value)
            case _:
                pass


def _samples(body: Mapping[str, Any]) -> Iterator[str]:
    """What a meter read last: power, register, state of charge; each in all, not by phase."""
    match body.get("meterValue"):
        case [*_, {"sampledValue": [*samples]}]:
            pass
        case _:
            return
    for sample in samples:
        match sample:
            case {"phase": str()}:
                continue
            case {"value": value}:
                measurand = sample.get("measurand", "Energy.Active.Import.Register")
                yield from _reading(measurand, str(value), _unit(sample))


def _unit(sample: Mapping[str, Any]) -> str:
    match sample:
        case {"unit": str(unit)} | {"unitOfMeasure": {"unit": str(unit)}}:
            return unit
        case _:
            return ""


def _reading(measurand: object, value: str, unit: str) -> Iterator[str]:
    match measurand:
        case "Power.Active.Import":
            yield _in_thousands(value, unit or "W")
        case "Energy.Active.Import.Register":
            yield _in_thousands(value, unit or "Wh")
        case "SoC":
            yield f"SoC {value} %"
        case _:
            pass


def _in_thousands(value: str, unit: str) -> str:
    """W as kW, Wh as kWh; what is in another unit, or no number, as it was said."""
    try:
        number = float(value)
    except ValueError:
        return f"{value} {unit}"
    match unit:
        case "W":
            return f"{figures.kilo(number)} kW"
        case "Wh":
            return f"{figures.energy(number)} kWh"
        case _:
            return f"{value} {unit}"
