"""A payload, read once more along its schema, with the liberties that firmwares are known to take.

Nulls and unknown names go, known names and words get their spelling, values get their type. What there is no
remedy for stays as it is: whether the whole will do is for `gateway.tolerance` to say.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway import coercion, old_meter_values, schemas
from gateway.frames import Deviation, Payload
from gateway.json_text import Json
from gateway.schemas import Kind, Path, Schema

# In a path: whichever element of a list.
EACH = 0

# How long a text may be where its schema allows less. Stations are out there that send serial numbers of 33
# characters for OCPP's 25.
LONGEST_TEXT = 255
LONGEST_WORD = 50

# A bound on the time that one message may take: about a quarter of a MiB is mended, in a quarter of a second.
MOST_VALUES = 20_000
# A name that the schema doesn't know is held against all that it knows: as dear as so many values.
UNKNOWN_NAME = 10

# What a station page can show, and a bound on what a station can make us store.
MOST_DEVIATIONS = 50

# Losing one of these is losing energy that was sold.
TRANSACTION_ACTIONS = frozenset({"MeterValues", "StartTransaction", "StopTransaction", "TransactionEvent"})

# These decide about trust: without the field that doesn't fit they would ask for something else.
EXACT_ACTIONS = frozenset({"Authorize", "Get15118EVCertificate", "GetCertificateStatus", "SignCertificate"})

# Fields whose words are kept though no schema knows them: a word of the next version, or of a vendor, still
# tells something.
OPEN_WORDS = frozenset({"context", "location", "measurand", "phase", "triggerReason", "unit"})
OPEN_WORDS_OF: Mapping[str, frozenset[str]] = {
    "Authorize": frozenset({"type"}),
    "StatusNotification": frozenset({"connectorStatus", "status"}),
    "TransactionEvent": frozenset({"type"}),
}

# The word of an enumeration for all that it has no word for.
CATCH_ALL = ("OtherError", "Other", "Unknown")

# What stations themselves send for want of a better value, so that handlers know it anyway: a token of free
# vending, a transaction whose number was never learned (1.6 errata 3.18), a meter that can't be read,
# an event without a reason or a number, no error.
BLANKS: Mapping[str, Mapping[str, Json]] = {
    "StartTransaction": {"idTag": ""},
    "StatusNotification": {"errorCode": "NoError"},
    "StopTransaction": {"transactionId": -1, "meterStop": -1},
    "TransactionEvent": {"triggerReason": "", "seqNo": -1},
}

# Registers that 1.6 wants in whole Wh, and that some meters give with a fraction.
ROUNDED = frozenset({"meterStart", "meterStop"})

# What fixed buffers are filled up with; NUL arrives here as U+FFFD.
_PADDING = "".join(map(chr, range(0x21))) + "\x7f\ufffd"


class Rereading:
    """One reading of a payload, and what was found different in it."""

    __slots__ = ("_found", "_left", "_unknown_error", "action", "blanks", "kind", "schema", "version")

    def __init__(self, version: str, action: str, kind: Kind) -> None:
        self.version = version
        self.action = action
        self.kind = kind
        self.schema = schemas.schema(version, action, kind)
        self._found: dict[tuple[Path, str], Deviation] = {}
        self._left = MOST_VALUES
        known = self.schema.get("properties", {}) if kind == "call" else {}
        self.blanks = {name: blank for name, blank in BLANKS.get(action, {}).items() if name in known}
        self._unknown_error = ""

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        return tuple(self._found.values())

    @property
    def is_whole(self) -> bool:
        """Whether all of the payload was read: it may have held too many values."""
        return self._left >= 0

    def read(self, payload: Payload) -> dict[str, Any]:
        """The whole payload, in new containers."""
        if self.version == "1.6" and (modern := old_meter_values.modernise(self.action, payload)):
            self.note((), "shape", "meter values as OCPP 1.5 has them")
            payload = modern
        mended = self._members(self.schema, payload, ())
        self.fill(mended)
        if self._unknown_error:
            mended.setdefault("vendorErrorCode", self._unknown_error)
        return mended

    def fill(self, payload: dict[str, Any]) -> None:
        """Put the `BLANKS` where there is nothing."""
        for name, blank in self.blanks.items():
            if name not in payload:
                self.note((name,), "required", f"read as {blank!r}")
                payload[name] = blank

    def _value(self, schema: Schema, value: Json, path: Path, *, spare: bool) -> Json:
        """One value; ``spare`` if the message can do without it."""
        self._left -= 1
        if self._left < 0:
            return value
        schema = self.resolved(schema)
        match schema.get("type"):
            case "object" if isinstance(value, dict):
                return self._members(schema, value, path)
            case "array":
                return self._elements(schema, value, path)
            case "string":
                return self._text(schema, value, path, spare=spare)
            case "integer" | "number" | "boolean" as wanted:
                return self._scalar(wanted, value, path)
        return value

    def _members(self, schema: Schema, members: Payload, path: Path) -> dict[str, Any]:
        """An object: without nulls and unknown names, and with known names spelt as they should be."""
        known: Schema = schema.get("properties", {})
        required = schema.get("required", ())
        mended: dict[str, Any] = {}
        for written, value in members.items():
            name = written if written in known else self._name(schema, written, members, path)
            if name is None:
                continue
            if name not in known:
                mended[name] = value
                continue
            if value is None:
                self.note((*path, name), "null", "left out")
                continue
            mended[name] = self._value(known[name], value, (*path, name), spare=name not in required)
        return mended

    def _name(self, schema: Schema, written: str, members: Payload, path: Path) -> str | None:
        """What the name ``written`` stands for, which the schema doesn't know; None for nothing."""
        if schema.get("additionalProperties", True):
            return written
        self._left -= UNKNOWN_NAME
        if self._left < 0:
            return None
        meant = coercion.word(written, schema.get("properties", ()))
        if meant is None or meant in members:
            self.note((*path, written[:LONGEST_WORD]), "additionalProperties", "left out")
            return None
        self.note((*path, meant), "spelling", f"written {written[:LONGEST_WORD]}")
        return meant

    def _elements(self, schema: Schema, value: Json, path: Path) -> Json:
        """A list: without nulls; an object that stands for a list of one becomes it."""
        if isinstance(value, dict):
            self.note(path, "type", "one object: read as a list of one")
            value = [value]
        if not isinstance(value, list):
            return value
        if None in value:
            self.note((*path, EACH), "null", "left out")
        elements = [element for element in value if element is not None]
        return [self._value(schema["items"], item, (*path, EACH), spare=True) for item in elements]

    def _scalar(self, wanted: str, value: Json, path: Path) -> Json:
        register = coercion.number(value) if path[-1] in ROUNDED else None
        read = coercion.BY_TYPE[wanted](round(register) if isinstance(register, float) else value)
        if read is None:
            return value
        if type(read) is not type(value):
            self.note(path, "type", f"read as {wanted}")
        return read

    def _text(self, schema: Schema, value: Json, path: Path, *, spare: bool) -> Json:
        if not isinstance(value, str):
            read = self._as_text(value)
            if read is None:
                return value
            self.note(path, "type", "read as string")
            value = read
        if "enum" in schema:
            return self._word(schema["enum"], value, path)
        limit = schema.get("maxLength", len(value))
        if len(value) <= limit:
            return value
        return self._fitted(value, limit, path, may_cut=spare or self.action in TRANSACTION_ACTIONS)

    def _as_text(self, value: Json) -> str | None:
        # What a vendor wraps into a DataTransfer is often JSON that wasn't wrapped into a string.
        if self.action == "DataTransfer" and isinstance(value, dict | list):
            return orjson.dumps(value).decode()
        return coercion.text(value)

    def _fitted(self, text: str, limit: int, path: Path, *, may_cut: bool) -> str:
        """A text beyond its limit: without its padding, else as it is, else cut."""
        trimmed = text.strip(_PADDING)
        if len(trimmed) <= limit:
            self.note(path, "maxLength", "padding taken off")
            return trimmed
        longest = max(limit, LONGEST_TEXT)
        if len(text) <= longest:
            self.note(path, "maxLength", f"{len(text)} characters, {limit} allowed")
            return text
        if not may_cut or self.action in EXACT_ACTIONS:
            return text
        self.note(path, "maxLength", f"{len(text)} characters, {limit} allowed: cut to {longest}")
        return text[:longest]

    def _word(self, words: list[str], word: str, path: Path) -> str:
        """A word of an enumeration in its spelling; else as it is in an open field, else the catch-all."""
        if word in words:
            return word
        if not word.strip():
            self.note(path, "enum", "empty")
            return word
        meant = coercion.word(word, words)
        if meant is not None:
            self.note(path, "spelling", f"{word[:LONGEST_WORD]} read as {meant}")
            return meant
        if is_open(self.action, path) and len(word) <= LONGEST_WORD:
            self.note(path, "enum", f"{word} kept")
            return word
        instead = next((catch_all for catch_all in CATCH_ALL if catch_all in words), None)
        if instead is None or self.kind != "call":
            return word
        self.note(path, "enum", f"{word[:LONGEST_WORD]} read as {instead}")
        if path == ("errorCode",):
            self._unknown_error = word[:LONGEST_WORD]
        return instead

    def resolved(self, schema: Schema) -> Schema:
        """``schema``, or what it refers to."""
        reference: str = schema.get("$ref", "")
        if not reference:
            return schema
        resolved: Schema = self.schema["definitions"][reference.removeprefix("#/definitions/")]
        return resolved

    def note(self, path: Path, rule: str, detail: str) -> None:
        """Record a deviation; once for all the elements of a list, and none beyond `MOST_DEVIATIONS`."""
        if (path, rule) in self._found or len(self._found) >= MOST_DEVIATIONS:
            return
        place = "".join("[]" if step == EACH else f".{step}" for step in path).removeprefix(".")
        self._found[path, rule] = Deviation(place[:200], rule, detail[:300])


def is_open(action: str, path: Path) -> bool:
    """Whether the field may hold words that its schema doesn't know."""
    return path[-1] in OPEN_WORDS or path[-1] in OPEN_WORDS_OF.get(action, ())
