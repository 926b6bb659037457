"""The JSON Schemas of OCPP, compiled, and what a failure against one means in OCPP's terms.

The schemas are the Open Charge Alliance's, as the ``ocpp`` package ships them. Bounds are added, which they
leave to the text: an integer has 64 bits (OCPP says 32, but transaction ids beyond that are seen in the
field), and the number of an EVSE or of a connector has 31 and no sign.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import jsonschema_rs

from gateway import errors
from gateway.frames import Payload

type Kind = Literal["call", "result"]
type Sender = Literal["station", "csms"]
type Schema = dict[str, Any]
type Path = tuple[str | int, ...]

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
LARGEST_NUMBER = 2**31 - 1

# Package of the schemas, and how its files are named after the action.
_FILES: Mapping[str, tuple[str, Mapping[Kind, str]]] = {
    "1.6": ("ocpp.v16", {"call": "{}.json", "result": "{}Response.json"}),
    "2.0.1": ("ocpp.v201", {"call": "{}Request.json", "result": "{}Response.json"}),
}

# Who may ask isn't written in the schemas. Sources: OCPP 1.6, section 4, with the security whitepaper
# (edition 3); OCPP 2.0.1 part 2. DataTransfer goes both ways.
_FROM_STATION: Mapping[str, frozenset[str]] = {
    "1.6": frozenset(
        {
            "Authorize",
            "BootNotification",
            "DataTransfer",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "SecurityEventNotification",
            "SignCertificate",
            "SignedFirmwareStatusNotification",
            "StartTransaction",
            "StatusNotification",
            "StopTransaction",
        }
    ),
    "2.0.1": frozenset(
        {
            "Authorize",
            "BootNotification",
            "ClearedChargingLimit",
            "DataTransfer",
            "FirmwareStatusNotification",
            "Get15118EVCertificate",
            "GetCertificateStatus",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "NotifyChargingLimit",
            "NotifyCustomerInformation",
            "NotifyDisplayMessages",
            "NotifyEVChargingNeeds",
            "NotifyEVChargingSchedule",
            "NotifyEvent",
            "NotifyMonitoringReport",
            "NotifyReport",
            "PublishFirmwareStatusNotification",
            "ReportChargingProfiles",
            "ReservationStatusUpdate",
            "SecurityEventNotification",
            "SignCertificate",
            "StatusNotification",
            "TransactionEvent",
        }
    ),
}

# Keyword of JSON Schema → errorCode, and what to say of the field. Never its value: the text is sent.
_RULES: Mapping[str, tuple[type[errors.CallFailed], str]] = {
    "type": (errors.TypeConstraintViolation, "must be {types}"),
    "required": (errors.OccurrenceConstraintViolation, "is missing"),
    "minItems": (errors.OccurrenceConstraintViolation, "holds fewer than {limit}"),
    "maxItems": (errors.OccurrenceConstraintViolation, "holds more than {limit}"),
    "additionalProperties": (errors.FormatViolation, "holds a field that isn't known"),
    "enum": (errors.PropertyConstraintViolation, "isn't one of the words allowed"),
    "maxLength": (errors.PropertyConstraintViolation, "is longer than {limit} characters"),
    "minimum": (errors.PropertyConstraintViolation, "is less than {limit}"),
    "maximum": (errors.PropertyConstraintViolation, "is more than {limit}"),
    "multipleOf": (errors.PropertyConstraintViolation, "isn't a multiple of {multiple_of}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which a payload breaks its schema.

    Attributes:
        path: Keys and list indexes that lead to the field; for ``required`` to the one that is missing.
        rule: The keyword of JSON Schema.
        code: errorCode, as OCPP 2.0.1 spells it.
        text: Names the field and the rule, never the value.
    """

    path: Path
    rule: str
    code: str
    text: str


def known_actions(version: str, sender: Sender) -> frozenset[str]:
    """The actions that ``sender`` may ask in ``version``."""
    if sender == "station":
        return _FROM_STATION[version]
    return _to_station(version)


@functools.cache
def schema(version: str, action: str, kind: Kind) -> Schema:
    """The schema of a CALL's or a CALLRESULT's payload; one object for all who ask: don't change it.

    Raises:
        ActionUnknown: If ``version`` has no such action.
    """
    package, names = _FILES[version]
    # The set is asked first because ``action`` may be anything that a station made up, a path included.
    if action not in _actions(version):
        raise errors.ActionUnknown("no such action")
    file = resources.files(package) / "schemas" / names[kind].format(action)
    text: Schema = json.loads(file.read_text(encoding="utf-8-sig"))
    _bound(text)
    return text


def validate(version: str, action: str, kind: Kind, payload: Payload) -> Finding | None:
    """The first way in which ``payload`` breaks its schema; None if it doesn't.

    Raises:
        ActionUnknown: If ``version`` has no such action.
    """
    validator = _validator(version, action, kind)
    if validator.is_valid(payload):
        return None
    try:
        validator.validate(payload)
    except jsonschema_rs.ValidationError as error:
        return _finding(error)
    return None


def findings(version: str, action: str, kind: Kind, payload: Payload) -> Iterator[Finding]:
    """Every way in which ``payload`` breaks its schema.

    Raises:
        ActionUnknown: If ``version`` has no such action.
    """
    return map(_finding, _validator(version, action, kind).iter_errors(payload))


def path_text(path: Path) -> str:
    """``("meterValue", 0, "timestamp")`` as ``meterValue[0].timestamp``; "payload" for the whole."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "payload"


@functools.cache
def _actions(version: str) -> frozenset[str]:
    package, names = _FILES[version]
    suffix = names["result"].format("")
    files = (file.name for file in (resources.files(package) / "schemas").iterdir())
    return frozenset(name.removesuffix(suffix) for name in files if name.endswith(suffix))


@functools.cache
def _to_station(version: str) -> frozenset[str]:
    return _actions(version) - _FROM_STATION[version] | {"DataTransfer"}


@functools.cache
def _validator(version: str, action: str, kind: Kind) -> jsonschema_rs.Draft4Validator:
    """Compiled when first needed: 0.3 ms each. Formats aren't checked: times are their handlers' affair."""
    return jsonschema_rs.Draft4Validator(schema(version, action, kind), validate_formats=False)


def _bound(node: object) -> None:
    if isinstance(node, list):
        for inner in node:
            _bound(inner)
    if not isinstance(node, dict):
        return
    for inner in node.values():
        _bound(inner)
    if node.get("type") == "integer":
        node.setdefault("minimum", SMALLEST_INTEGER)
        node.setdefault("maximum", LARGEST_INTEGER)
    for name, member in node.get("properties", {}).items():
        if name in ("connectorId", "evseId") or (name == "id" and node.get("javaType") == "EVSE"):
            member.update(minimum=0, maximum=LARGEST_NUMBER)


def _finding(error: jsonschema_rs.ValidationError) -> Finding:
    rule = error.kind.name
    path: Path = tuple(error.instance_path)
    if rule == "falseSchema":
        # What the validator calls an unknown field where none is known; its path ends with the field's name.
        rule, path = "additionalProperties", path[:-1]
    failure, phrase = _RULES[rule]
    limits = error.kind.as_dict()
    match rule:
        case "required":
            path += (limits["property"],)
        case "type" if _is_beyond_integers(error.instance):
            # JSON readers turn what has more than 64 bits into a float: a wrong value, not a wrong type.
            failure, phrase = errors.PropertyConstraintViolation, "has more than 64 bits"
        case "type":
            limits["types"] = " or ".join(limits["types"])
    return Finding(
        path=path, rule=rule, code=failure.code, text=f"{path_text(path)} {phrase.format(**limits)}"
    )


def _is_beyond_integers(value: object) -> bool:
    return isinstance(value, float) and not SMALLEST_INTEGER <= value <= LARGEST_INTEGER
