"""What a filled form asks for, as the catalogue takes it, and the other way round.

Whether a value will do is the catalogue's to say; here it is only read. What is left empty isn't sent.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard.commands import answers, field_words, shapes
from dashboard.commands.answers import Answers
from dashboard.commands.shapes import Leaf, Lines, Part, Rows, Shape
from emobi.core.errors import Invalid

# A variable's name in a line: an instance in brackets, an EVSE and its connector behind @.
_NAME = re.compile(
    r"^(?P<component>[^.\[\]@]+)(?:\[(?P<component_instance>[^\]]+)\])?"
    r"(?:@(?P<evse_id>\d{1,4})(?:/(?P<connector_id>\d{1,4}))?)?"
    r"(?:\.(?P<variable>[^.\[\]@]+)(?:\[(?P<variable_instance>[^\]]+)\])?)?$"
)
_NUMBERS = ("evse_id", "connector_id")
_PARTS = ("component", "component_instance", *_NUMBERS, "variable", "variable_instance")


class Untellable(Exception):
    """These params can't be shown in the form's fields."""


def read(command: str, version: str, filled: Mapping[str, str]) -> dict[str, Any]:
    """The params that a filled form asks for.

    Raises:
        Invalid: If a field can't be read.
    """
    tree = answers.of(filled)
    return _properties(shapes.of(command, version), "", tree, version)


def write(command: str, version: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The opposite of `read`.

    Raises:
        Untellable: If the form has no field for some of it.
    """
    return dict(_written(shapes.of(command, version), "", params, version))


def _properties(properties: Sequence[Shape], path: str, filled: Answers, version: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for shape in properties:
        below = filled.at(shape.name)
        value = _value(shape, f"{path}.{shape.name}" if path else shape.name, below, version)
        if value is not None:
            found[shape.name] = value
    return found


def _value(shape: Shape, path: str, filled: Answers, version: str) -> object:
    """None: it isn't said."""
    match shape:
        case Leaf():
            return _leaf(shape, path, filled.text if _is_long(shape, filled) else filled.text.strip())
        case Lines():
            lines = [line.strip() for line in filled.text.splitlines() if line.strip()]
            return [_line(shape, path, line, version) for line in lines] or None
        case Part():
            return (
                _properties(shape.properties, path, filled, version)
                if shape.required or filled.given
                else None
            )
        case Rows():
            given = filled.rows or [Answers() for _ in range(shape.least if shape.required else 0)]
            rows = [
                _properties(shape.row.properties, f"{path}.{index}", row, version)
                for index, row in enumerate(given)
            ]
            return rows if rows or filled.given else None


def _is_long(leaf: Leaf, filled: Answers) -> bool:
    """Whether every character of it counts, those at its ends too."""
    return leaf.name in field_words.LONG and bool(filled.text.strip())


def _leaf(leaf: Leaf, path: str, text: str) -> object:
    if leaf.type == "boolean":
        # What is true where nobody says otherwise has to be said to be false.
        return text != "false" if text else False if leaf.default else None
    if not text:
        return None
    if leaf.moment:
        return _moment(text)
    match leaf.type:
        case "integer":
            return _whole(leaf, path, text)
        case "number":
            return _number(leaf, path, text)
        case _:
            return text


def _whole(leaf: Leaf, path: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        raise Invalid(f"{field_words.label(leaf.of, leaf.name)}: a whole number, please.", path)
    return int(text)


def _number(leaf: Leaf, path: str, text: str) -> int | float:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**15:
        raise Invalid(f"{field_words.label(leaf.of, leaf.name)}: a number, please.", path)
    return int(number) if number == number.to_integral_value() else float(number)


def _moment(text: str) -> str:
    """Times without an offset are UTC, as the form says; what can't be read the catalogue refuses."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo else f"{text}Z"


def _line(shape: Lines, path: str, line: str, version: str) -> object:
    if shape.item is not None:
        return _leaf(shape.item, path, line)
    if version == "1.6":
        return {"key": line}
    found = _NAME.match(line)
    if found is None or (shape.name == "variables" and found["variable"] is None):
        label = field_words.label(shape.of, shape.name)
        raise Invalid(f"{label}: {line[:60]} isn't Component.Variable.", path)
    said = {name: text.strip() for name, text in found.groupdict().items() if text}
    return {name: int(text) if name in _NUMBERS else text for name, text in said.items()}


def _written(
    properties: Sequence[Shape], path: str, params: Mapping[str, Any], version: str
) -> Iterator[tuple[str, str]]:
    known = {shape.name: shape for shape in properties}
    for each in properties:
        # What is true where nobody says otherwise.
        if isinstance(each, Leaf) and each.type == "boolean" and each.default and each.name not in params:
            yield f"{path}.{each.name}" if path else each.name, each.default
    for name, value in params.items():
        if value is None:
            continue
        shape = known.get(name)
        if shape is None:
            raise Untellable(name)
        yield from _told(shape, f"{path}.{name}" if path else name, value, version)


def _told(shape: Shape, path: str, value: object, version: str) -> Iterator[tuple[str, str]]:
    match shape, value:
        case Leaf(), bool():
            yield path, "yes" if value is True else "false" if shape.of else ""
        case Leaf(moment=True), str():
            yield path, _local(value)
        case Leaf(), str() | int() | float():
            yield path, str(value)
        case Lines(), list():
            yield path, "\n".join(_line_of(shape, each, version) for each in value)
        case Part(), dict():
            yield path, answers.THERE
            yield from _written(shape.properties, path, value, version)
        case Rows(), list():
            yield path, answers.THERE
            for index, row in enumerate(value):
                if not isinstance(row, dict):
                    raise Untellable(path)
                yield f"{path}.{index}", answers.THERE
                yield from _written(shape.row.properties, f"{path}.{index}", row, version)
        case _:
            raise Untellable(path)


def _local(text: str) -> str:
    """As an input for a time in UTC has it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment.astimezone(UTC) if moment.tzinfo else moment).strftime("%Y-%m-%dT%H:%M:%S")


def _line_of(shape: Lines, each: object, version: str) -> str:
    if shape.item is not None:
        return str(each)
    if not isinstance(each, dict):
        raise Untellable(shape.name)
    said = {name: value for name, value in each.items() if value not in (None, "")}
    if version == "1.6":
        if said.keys() != {"key"}:
            raise Untellable(shape.name)
        return str(said["key"])
    if not said.keys() <= set(_PARTS) or "component" not in said:
        raise Untellable(shape.name)
    text = str(said["component"])
    text += f"[{said['component_instance']}]" if "component_instance" in said else ""
    text += f"@{said['evse_id']}" if "evse_id" in said else ""
    text += f"/{said['connector_id']}" if "connector_id" in said else ""
    text += f".{said['variable']}" if "variable" in said else ""
    return text + (f"[{said['variable_instance']}]" if "variable_instance" in said else "")
