"""What a vendor and an operator have agreed on, in any object of a message of 2.0.1. Pure.

Params have it beside what the command itself knows, as ``custom_data``: by the place in the message, in the
message's own words, the object with its ``vendorId``.

    {"": {"vendorId": "acme", "depot": 7}, "chargingProfile.chargingSchedule[0]": {"vendorId": "acme"}}

Source: OCPP 2.0.1 part 2, CustomDataType, which every object of every message may have.
"""

import copy
import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

from emobi.core.errors import Invalid

NAME = "custom_data"
MESSAGE = ""
MOST = 50
LONGEST_VENDOR = 255
DEEPEST = 8
# Bytes of all of it, as JSON: it is kept with each command, and may go to ten thousand stations.
LARGEST = 20_000
_FIELD = "customData"
_STEP = r"[A-Za-z0-9]{1,50}(?:\[[0-9]{1,4}\])?"
_PLACE = re.compile(rf"(?:{_STEP}(?:\.{_STEP}){{0,9}})?")

# JSON Schema of it, as a property of params.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "maxProperties": MOST,
    "description": "2.0.1's `customData`, by its place in the message; the empty one is the message itself.",
    "propertyNames": {"pattern": f"^{_PLACE.pattern}$"},
    "additionalProperties": {
        "type": "object",
        "properties": {"vendorId": {"type": "string", "minLength": 1, "maxLength": LONGEST_VENDOR}},
        "required": ["vendorId"],
    },
}

type Places = Mapping[str, Mapping[str, Any]]


def described(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of params, with it."""
    return {**schema, "properties": {**schema.get("properties", {}), NAME: SCHEMA}}


def without(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params as the command itself knows them.

    Raises:
        Invalid: If it is there and isn't by the schema; the field is named.
    """
    if NAME in params:
        _check(params[NAME])
    return {name: value for name, value in params.items() if name != NAME}


def of(params: Mapping[str, Any]) -> Places:
    """It, from params that were checked; empty if there is none."""
    found: Places = params.get(NAME) or {}
    return found


def unsaid(version: str, params: Mapping[str, Any]) -> str | None:
    """Why a version can't say it; None if it can, or there is nothing to say."""
    if version == "1.6" and params.get(NAME):
        return "OCPP 1.6 has no customData; data_transfer says what a vendor and an operator have agreed on"
    return None


def put(payload: Mapping[str, Any], places: Places) -> tuple[dict[str, Any], set[str]]:
    """A payload with it, and the places that the payload has."""
    whole: dict[str, Any] = copy.deepcopy(dict(payload))
    # All of them before the first is changed: there is nothing to find within what is put there.
    found = {place: there for place in places if isinstance(there := _at(whole, place), dict)}
    for place, there in found.items():
        there[_FIELD] = dict(places[place])
    return whole, set(found)


def _check(said: object) -> None:
    field = f"params.{NAME}"
    if not isinstance(said, dict) or len(said) > MOST:
        raise Invalid(f"An object with up to {MOST} places of the message.", field)
    for place, value in said.items():
        if not isinstance(place, str) or not _PLACE.fullmatch(place):
            raise Invalid("A place is such as evse, or chargingProfile.chargingSchedule[0].", field)
        vendor = value.get("vendorId") if isinstance(value, dict) else None
        if not isinstance(vendor, str) or not 0 < len(vendor) <= LONGEST_VENDOR:
            raise Invalid(
                f"An object with a vendorId of up to {LONGEST_VENDOR} characters.", f"{field}.{place}"
            )
        if _deep(value) > DEEPEST:
            raise Invalid(f"It nests deeper than {DEEPEST} levels.", f"{field}.{place}")
    if _size(said) > LARGEST:
        raise Invalid(f"It is larger than {LARGEST:,} bytes, or no JSON.", field)


def _size(said: object) -> float:
    try:
        return len(orjson.dumps(said))
    except orjson.JSONEncodeError:
        return math.inf  # numbers of more than 64 bits, and half characters


def _deep(value: object, most: int = DEEPEST + 1) -> int:
    """How deep it nests; no deeper than ``most`` is looked."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 0 if most == 0 else max((1 + _deep(each, most - 1) for each in inner), default=0)


def _at(payload: Any, place: str) -> Any:  # noqa: ANN401 — any JSON
    """What stands there; None if nothing does."""
    for step in place.split(".") if place else ():
        name, _, number = step.rstrip("]").partition("[")
        payload = payload.get(name) if isinstance(payload, dict) else None
        if number:
            payload = _element(payload, int(number))
    return payload


def _element(elements: Any, number: int) -> Any:  # noqa: ANN401 — any JSON
    return elements[number] if isinstance(elements, list) and number < len(elements) else None
