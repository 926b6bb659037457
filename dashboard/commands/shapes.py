"""What a command's params are made of, read from the catalogue's JSON Schema. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dashboard.commands import field_words
from stations.commands import catalogue

# A pattern that is nothing but a choice: ^(ASCII|HTML)$, ^SHA(256|384|512)$.
_CHOICE = re.compile(r"^\^(\w*)\(([\w\-|]+)\)\$$")

type Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One value.

    Attributes:
        name: Of the property.
        of: The definition that it belongs to; "" for the command itself.
        type: Its JSON type: string, integer, number or boolean.
        choices: All that it can be; () where that isn't a list.
        default: As text; "" for none.
        moment: Whether it is a time.
        most: How many characters it may have; None: not said.
    """

    name: str
    of: str = ""
    type: str = "string"
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    moment: bool = False
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Several values of a kind, or several names of variables (``item`` None)."""

    name: str
    of: str = ""
    item: Leaf | None
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """An object with properties of its own."""

    name: str
    of: str = ""
    definition: str
    properties: tuple["Shape", ...]
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Several objects of a kind."""

    name: str
    of: str = ""
    row: Part
    least: int
    most: int
    required: bool = False


type Shape = Leaf | Lines | Part | Rows


@cache
def of(command: str, version: str) -> tuple[Shape, ...]:
    """The params of a command that a version has words for; all of them for a version of ""."""
    schema = catalogue.entry(command).params_schema
    return tuple(_properties(schema, schema.get("$defs", {}), command, "", version))


def _properties(
    schema: Json, definitions: Mapping[str, Json], command: str, of: str, version: str
) -> Iterator[Shape]:
    required = schema.get("required", ())
    for name, said in schema.get("properties", {}).items():
        if version and field_words.only(command, of, name) not in ("", version):
            continue
        yield _shape(name, said, definitions, command, of, version, required=name in required)


def _shape(
    name: str,
    said: Json,
    definitions: Mapping[str, Json],
    command: str,
    of: str,
    version: str,
    *,
    required: bool,
) -> Shape:
    kinds = [_resolved(kind, definitions) for kind in _kinds(said)]
    listed = next((kind for _, kind in kinds if "items" in kind), None)
    if listed is not None:
        return _list(name, listed, definitions, command, of, version, required=required)
    for definition, kind in kinds:
        if kind.get("type") == "object" and definition:
            return Part(
                name=name,
                of=of,
                definition=definition,
                properties=tuple(_properties(kind, definitions, command, definition, version)),
                required=required,
            )
    return _leaf(name, said, [kind for _, kind in kinds], of, required=required)


def _list(
    name: str,
    listed: Json,
    definitions: Mapping[str, Json],
    command: str,
    of: str,
    version: str,
    *,
    required: bool,
) -> Shape:
    definition, item = _resolved(listed["items"], definitions)
    if item.get("type") != "object":
        return Lines(name=name, of=of, item=_leaf(name, {}, [item], of, required=True), required=required)
    names = item.get("properties", {}).keys()
    if {"component", "variable"} <= names and not {"value", "severity"} & names:
        return Lines(name=name, of=of, item=None, required=required)
    row = Part(
        name=name,
        of=of,
        definition=definition,
        properties=tuple(_properties(item, definitions, command, definition, version)),
        required=True,
    )
    return Rows(
        name=name,
        of=of,
        row=row,
        least=listed.get("minItems", 0),
        most=listed.get("maxItems", 1024),
        required=required,
    )


def _leaf(name: str, said: Json, kinds: Sequence[Json], of: str, *, required: bool) -> Leaf:
    types = [kind["type"] for kind in kinds if kind.get("type") not in (None, "null")]
    first = next((kind for kind in kinds if kind.get("type") not in (None, "null")), {})
    default = said.get("default")
    return Leaf(
        name=name,
        of=of,
        # Any JSON, and what may be a number as well as a text: as a text.
        type=types[0] if len(set(types)) == 1 else "string",
        choices=_choices(first),
        default="yes" if default is True else "" if default in (None, False) else str(default),
        required=required,
        moment=first.get("format") == "date-time",
        most=first.get("maxLength"),
    )


def _choices(kind: Json) -> tuple[str, ...]:
    if "enum" in kind:
        return tuple(kind["enum"])
    found = _CHOICE.match(kind.get("pattern", ""))
    return tuple(found[1] + choice for choice in found[2].split("|")) if found else ()


def _kinds(said: Json) -> Sequence[Json]:
    """What a property may be: itself, or one of several."""
    return said.get("anyOf") or (said,)


def _resolved(said: Json, definitions: Mapping[str, Json]) -> tuple[str, Json]:
    """A schema by the name of its definition, if it has one."""
    name = said.get("$ref", "").rpartition("/")[2]
    return (name, definitions[name]) if name else ("", said)
