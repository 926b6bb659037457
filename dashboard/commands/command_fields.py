"""The inputs of a command's form, made from the catalogue's schema with our words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.commands import command_words
from emobi.core.errors import Invalid, Refused
from sessions.models import ChargingSession
from stations.commands.entry import Entry
from stations.models import Station

type Choices = tuple[tuple[str, str], ...]

# The one form that isn't the schema's: a setting at a time, by the names that the version has for it.
SETTING = {"1.6": ("key", "value"), "2.0.1": ("component", "variable", "evse_id", "value")}
ANY_SETTING = ("key", "component", "variable", "value")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input.

    Attributes:
        kind: select, text, number, check or lines.
        whole: It takes a whole number, whatever its kind.
        items: What each of its lines is: "variable", "integer" or "string".
    """

    name: str
    label: str
    kind: str
    whole: bool
    items: str
    value: str
    help: str
    choices: Choices
    required: bool
    error: str

    @property
    def optional(self) -> bool:
        """Whether one may well leave it alone, and doesn't see that by its choices."""
        return not self.required and self.kind != "select"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """For whom a form is made: the station, what runs there, what was filled in, and why that was refused."""

    station: Station
    running: Sequence[ChargingSession] = ()
    filled: Mapping[str, str]
    refusal: Refused | None = None

    @property
    def version(self) -> str:
        return self.station.ocpp_version


@dataclass(frozen=True, kw_only=True)
class _Property:
    """A property of a schema; ``type`` is its JSON type, null aside."""

    name: str
    type: str
    items: str
    enum: tuple[str, ...]
    default: str
    required: bool


def of(entry: Entry, asked: Asked) -> list[Field]:
    """The inputs that the station's version has words for."""
    only = {**command_words.ONLY, **command_words.WORDS[entry.command].only}
    return [
        _field(entry, property_, asked)
        for property_ in _properties(entry, asked.version)
        if not asked.version or only.get(property_.name, asked.version) == asked.version
    ]


def _properties(entry: Entry, version: str) -> Iterator[_Property]:
    schema = entry.params_schema
    definitions = schema.get("$defs", {})
    if entry.command == "set_config":
        schema = definitions["VariableSetting"]
        names: Sequence[str] = SETTING.get(version, ANY_SETTING)
    else:
        names = tuple(schema["properties"])
    for name in names:
        said = schema["properties"][name]
        if any(_definition(each, definitions).get("type") == "object" for each in _kinds(said)):
            continue  # an object in itself, such as a charging profile, is for the API
        items = _items(said, definitions)
        if items == "object":
            continue
        definition = _definition(said, definitions)
        types = [each.get("type") for each in (said, definition, *said.get("anyOf", ()))]
        default = said.get("default")
        yield _Property(
            name=name,
            type=next((each for each in types if each), "string"),  # any JSON: as text
            items=items,
            enum=tuple(definition.get("enum", ())),
            default="" if default in (None, False, []) else str(default),
            required=name in schema.get("required", ()),
        )


def _items(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What a list is of; "" if it is none. Variables have names that can be typed, other objects don't."""
    listed = next((each["items"] for each in _kinds(said) if "items" in each), None)
    if listed is None:
        return ""
    definition = _definition(listed, definitions)
    if {"component", "variable"} <= definition.get("properties", {}).keys():
        return "variable" if "value" not in definition["properties"] else "object"
    kind: str = definition.get("type", listed.get("type", "string"))
    return kind


def _kinds(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What a property may be: itself, or one of several."""
    return (said, *said.get("anyOf", ()))


def _definition(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = definitions.get(said.get("$ref", "").rpartition("/")[2], {})
    return found


def _field(entry: Entry, property_: _Property, asked: Asked) -> Field:
    name = property_.name
    choices = _choices(entry, property_, asked)
    kinds = {"boolean": "check", "array": "lines", "integer": "number"}
    return Field(
        name=name,
        label=command_words.LABELS.get(name, name.replace("_", " ").capitalize()),
        kind="select" if choices else kinds.get(property_.type, "text"),
        whole=property_.type == "integer",
        items=property_.items,
        value=asked.filled.get(name, property_.default),
        help=_help(entry, property_, asked.version),
        choices=choices,
        required=property_.required,
        error=_error(name, asked.refusal),
    )


def _help(entry: Entry, property_: _Property, version: str) -> str:
    special = command_words.VERSION_HELP.get((entry.command, property_.name, version), "")
    return special or ("" if property_.required else command_words.HELP.get(property_.name, ""))


def _error(name: str, refusal: Refused | None) -> str:
    """What is wrong with it. The catalogue names a field by its path, as in params.variables.0.key."""
    if not isinstance(refusal, Invalid) or name not in refusal.field.split("."):
        return ""
    return str(refusal).partition(": ")[2] or str(refusal)


def _choices(entry: Entry, property_: _Property, asked: Asked) -> Choices:
    """What can be chosen; () where anything can be typed."""
    missing = command_words.MISSING.get(asked.version, frozenset())
    if property_.enum:
        return tuple(
            (each, command_words.CHOICES.get(each, each)) for each in property_.enum if each not in missing
        )
    match property_.name:
        case "id_token_type":
            return tuple((each, each) for each in command_words.TOKEN_TYPES)
        case "session_id":
            return _sessions(asked.running)
        case "evse_id" | "connector_id":
            return _places(entry, property_, asked.station)
        case _:
            return ()


def _places(entry: Entry, property_: _Property, station: Station) -> Choices:
    plugs = [connector for connector in station.connectors.all() if connector.evse_id]
    what = command_words.LABELS[property_.name]
    numbers = sorted({getattr(plug, property_.name) for plug in plugs})
    named = tuple((str(number), f"{what} {number}") for number in numbers)
    open_ = command_words.LEFT_OPEN.get((entry.command, property_.name), "Not said")
    return named if property_.required or not named else (("", open_), *named)


def _sessions(running: Sequence[ChargingSession]) -> Choices:
    named = tuple((session.pk, _session(session)) for session in running)
    return (*named, ("", "Another one")) if named else ()


def _session(session: ChargingSession) -> str:
    where = f"EVSE {session.evse_id}" if session.evse_id else "EVSE unknown"
    return f"{where}, since {session.started_at:%H:%M} UTC, transaction {session.transaction_id}"
