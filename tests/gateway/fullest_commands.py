"""What commands can make of a message: every property path that some params lead to.

From a command's own schema all its fields are filled in, one after the other, as long as the version can say
it; then again for each word of an enumeration, and for each field that excludes another.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway import schemas, support
from gateway.adapter import Adapter, Sender
from gateway.errors import CommandUnsupported
from stations.commands import custom_data
from stations.commands.catalogue import ENTRIES

type Json = dict[str, Any]
# Where a value stands: names, with "[]" for any element of a list.
type Place = tuple[str, ...]

# What `gateway.completions` and the command core fill in if the asker doesn't: always there when it is said.
FILLED_IN = {
    "certificate_types",
    "charging_profile_id",
    "checksum",
    "id",
    "location",
    "message_id",
    "remote_location",
    "remote_start_id",
    "request_id",
    "reservation_id",
    "retrieve_date_time",
    "transaction_id",
    "version",
}
# In any object of 2.0.1, for what two parties have agreed on.
VENDORS_OWN = "customData"
# How deep optional fields are nested within each other.
DEEPEST = 4
# Texts of each form that params have; an enumeration written as a pattern is read from it.
TEXTS = {
    r"^[A-Za-z0-9-]{1,8}$": "en",
    r"^SHA(256|384|512)$": "SHA256",
    r"^[0-9A-HJKMNP-TV-Z]{26}$": "0" * 26,
    r"^[A-Za-z][A-Za-z0-9+.\-]*://[^\s/]\S*$": "https://emobi.example.org/file",
    r"^[0-9a-fA-F]{32}$": "0" * 32,
    r"^wss?://[^\s/]\S*$": "wss://emobi.example.org/ocpp",
}
WORDS = re.compile(r"^\^\(([\w|.-]+)\)\$$")


@dataclass
class Writer:
    """Writes params by their schema: which of the optional fields, and which of several words."""

    schema: Json
    wanted: set[Place] = field(default_factory=set)
    chosen: dict[Place, int] = field(default_factory=dict)
    # What there was to decide.
    optional: dict[Place, None] = field(default_factory=dict)
    choices: dict[Place, int] = field(default_factory=dict)

    def write(self, node: Json | None = None, place: Place = ()) -> Any:
        """A value that fits ``node``, by default the whole of the params."""
        node = self.schema if node is None else node
        if "$ref" in node:
            node = self.schema["$defs"][node["$ref"].rpartition("/")[2]]
        if "anyOf" in node:
            kinds = [each for each in node["anyOf"] if each != {"type": "null"}]
            return self.write(self._choose(kinds, (*place, "kind")), place)
        if "enum" in node:
            return self._choose(node["enum"], place)
        match node.get("type"):
            case "object":
                return dict(self._members(node, place))
            case "array":
                return [self.write(node["items"], (*place, "[]"))] * node.get("minItems", 1)
            case "string":
                return self._text(node, place)
            case "boolean":
                return self._choose([True, False], place)
            case "integer" | "number":
                return max(node.get("minimum", 1), min(1, node.get("maximum", 1)))
        return "1"

    def _members(self, node: Json, place: Place) -> Iterator[tuple[str, Any]]:
        for name, member in node.get("properties", {}).items():
            inner = (*place, name)
            if name not in node.get("required", ()):
                self.optional[inner] = None
                if name not in FILLED_IN and inner not in self.wanted:
                    continue
            yield name, self.write(member, inner)

    def _choose[Each](self, among: list[Each], place: Place) -> Each:
        if len(among) > 1:
            self.choices[place] = len(among)
        return among[self.chosen.get(place, 0)]

    def _text(self, node: Json, place: Place) -> str:
        pattern: str = node.get("pattern", "")
        if words := WORDS.match(pattern):
            alternatives: list[str] = words[1].split("|")
            return self._choose(alternatives, place)
        if node.get("format") == "date-time":
            return "2026-05-04T11:00:00Z"
        return TEXTS[pattern] if pattern else "1" * int(node.get("minLength", 1))


def payloads(name: str, sender: Sender) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What a command can become: action and payload, of fuller and fuller params."""
    schema = ENTRIES[name].params_schema
    writer = Writer(schema)
    # What can be said together: from nothing on, and from each two fields on that stand side by side.
    fullest: list[set[Place]] = [set()]
    yield from _grown(name, sender, writer, fullest)
    for one, other in itertools.combinations(list(writer.optional), 2):
        if one[:-1] == other[:-1]:
            fullest.append(_down_to(one) | _down_to(other))
            yield from _grown(name, sender, writer, fullest)
    grounds = [ground for index, ground in enumerate(fullest) if ground not in fullest[:index]]
    choices, seen = dict(writer.choices), set[tuple[Place, int]]()
    while choices:
        place, count = choices.popitem()
        for index in range(1, count):
            seen.add((place, index))
            for ground in grounds:
                writer = Writer(schema, chosen={place: index})
                yield from _grown(name, sender, writer, [ground])
                choices |= {each: n for each, n in writer.choices.items() if (each, 1) not in seen}


def _grown(
    name: str, sender: Sender, writer: Writer, fullest: list[set[Place]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """With the last of these sets of fields, which takes in one after the other as long as it can be said."""
    yield from _said(name, sender, writer, fullest[-1])
    # The fields of what is optional show only when it is there.
    for _ in range(DEEPEST):
        for place in list(writer.optional):
            fuller = fullest[-1] | _down_to(place)
            if fuller != fullest[-1]:
                said = list(_said(name, sender, writer, fuller))
                fullest[-1] = fuller if said else fullest[-1]
                yield from said


def _down_to(place: Place) -> set[Place]:
    """The place and all that it is in."""
    return {place[:length] for length in range(1, len(place) + 1)}


def _said(
    name: str, sender: Sender, writer: Writer, wanted: set[Place]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    writer.wanted = wanted
    command = ENTRIES[name].adapter.validate_python(writer.write())
    try:
        yield sender.action_of(command), sender.encode(command)
    except CommandUnsupported:
        return


def paths(value: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all members of a payload."""
    match value:
        case dict():
            for name, member in value.items():
                yield (*place, name)
                yield from paths(member, (*place, name))
        case list() | tuple():
            for element in value:
                yield from paths(element, (*place, "[]"))


def objects(value: Any, place: str = "") -> Iterator[str]:
    """The places of all objects of a payload, as `custom_data` has them."""
    match value:
        case dict():
            yield place
            for name, member in value.items():
                yield from objects(member, f"{place}.{name}" if place else name)
        case list() | tuple():
            for index, element in enumerate(value):
                yield from objects(element, f"{place}[{index}]")


def within_objects(value: Any) -> set[Place]:
    """Where a vendor's own stands in these objects."""
    steps = [re.sub(r"\[\d+\]", ".[]", place).split(".") if place else [] for place in objects(value)]
    return {(*each, VENDORS_OWN) for each in steps}


def with_vendors_own(adapter: Adapter, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload with it in each of its objects, as far as the schema has it there."""
    said = payload
    for place in objects(payload):
        fuller, found = custom_data.put(said, {place: {"vendorId": "acme", "depot": 7}})
        if found and schemas.validate(adapter.version, action, "call", fuller) is None:
            said = fuller
    return said


def known_paths(version: str, action: str) -> set[Place]:
    """The places that the message's schema has; what is within a vendor's own field it doesn't say."""
    schema = schemas.schema(version, action, "call")
    return set(_known(schema, schema, ()))


def _known(schema: Json, node: Json, place: Place) -> Iterator[Place]:
    if "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    for name, member in node.get("properties", {}).items():
        yield (*place, name)
        if name != VENDORS_OWN:
            yield from _known(schema, member, (*place, name))
    if "items" in node:
        yield from _known(schema, node["items"], (*place, "[]"))


def unsaid(adapter: Adapter) -> dict[str, set[str]]:
    """By message, what of it no params lead to."""
    said: dict[str, set[Place]] = {}
    for name, sender in adapter.senders.items():
        for action in support.actions_of(sender):
            said.setdefault(action, set())
        for action, payload in payloads(name, sender):
            # What breaks the schema, like a word that 1.6 doesn't have, isn't sent either.
            if schemas.validate(adapter.version, action, "call", payload) is None:
                said[action].update(paths(payload))
                if adapter.version != "1.6" and not within_objects(payload) <= said[action]:
                    said[action].update(paths(with_vendors_own(adapter, action, payload)))
    missing = {action: known_paths(adapter.version, action) - found for action, found in said.items()}
    return {action: {".".join(place) for place in places} for action, places in missing.items() if places}
