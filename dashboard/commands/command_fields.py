"""The inputs of a command's form, made from the shape of its params with our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone

from dashboard.commands import answers, field_words, shapes
from dashboard.commands.answers import Answers
from dashboard.commands.shapes import Leaf, Lines, Part, Rows, Shape
from emobi.core.errors import Invalid, Refused
from sessions.models import ChargingSession
from stations.commands.entry import Entry
from stations.models import Reservation, Station

type Choices = tuple[tuple[str, str], ...]
type Node = Field | Group | Table


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input.

    Attributes:
        name: Where in the params its value stands, as in schedule.0.limit.
        kind: select, text, secret, long, number, decimal, moment, check, checks or lines.
        whole: It takes a whole number, whatever its kind.
        most: The most characters.
    """

    name: str
    label: str
    kind: str
    whole: bool
    value: str
    help: str
    choices: Choices
    required: bool
    error: str
    most: int

    @property
    def optional(self) -> bool:
        """Whether one may well leave it alone, and doesn't see that by its choices."""
        return not self.required and self.kind not in ("select", "checks")

    @property
    def chosen(self) -> frozenset[str]:
        """Which of several are checked."""
        return frozenset(line.strip() for line in self.value.splitlines())


@dataclass(frozen=True, kw_only=True)
class Group:
    """Inputs that belong together.

    Attributes:
        there: Whether it was filled in, or has to be.
        removable: Whether it may be taken away again.
    """

    kind: ClassVar[str] = "group"

    name: str
    label: str
    nodes: Sequence[Node]
    there: bool
    removable: bool
    error: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """Groups of a kind. ``next`` is the name of another one; "" if there may be no more."""

    kind: ClassVar[str] = "table"

    name: str
    label: str
    row_label: str
    rows: Sequence[Group]
    next: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """For whom a form is made: the station, what runs there, what was filled in, and why that was refused.

    Attributes:
        reserved: Where a reservation is asked for, those that stand there already.
    """

    station: Station
    running: Sequence[ChargingSession] = ()
    reserved: Sequence[Reservation] = ()
    filled: Mapping[str, str]
    refusal: Refused | None = None

    @property
    def version(self) -> str:
        return self.station.ocpp_version


def of(entry: Entry, asked: Asked) -> list[Node]:
    """The inputs that the station's version has words for."""
    filled = answers.of(asked.filled)
    return [
        _node(entry, shape, shape.name, filled.at(shape.name), asked)
        for shape in shapes.of(entry.command, asked.version)
    ]


def blamed(nodes: Sequence[Node]) -> bool:
    """Whether any of these says what is wrong with it."""
    for node in nodes:
        below = node.nodes if isinstance(node, Group) else node.rows if isinstance(node, Table) else ()
        if node.error or blamed(below):
            return True
    return False


def _node(entry: Entry, shape: Shape, path: str, filled: Answers, asked: Asked) -> Node:
    match shape:
        case Leaf():
            return _field(entry, shape, path, filled, asked)
        case Lines():
            return _lines(entry, shape, path, filled, asked)
        case Part():
            return _group(entry, shape, path, filled, asked, label=field_words.label(shape.of, shape.name))
        case Rows():
            return _table(entry, shape, path, filled, asked)


def _group(
    entry: Entry, part: Part, path: str, filled: Answers, asked: Asked, *, label: str, removable: bool = False
) -> Group:
    there = part.required or filled.given
    nodes = [
        _node(entry, shape, f"{path}.{shape.name}", filled.at(shape.name), asked) for shape in part.properties
    ]
    return Group(
        name=path,
        label=label,
        nodes=nodes if there else [],
        there=there,
        removable=removable or not part.required,
        error=_error(path, asked.refusal, exactly=True),
    )


def _table(entry: Entry, shape: Rows, path: str, filled: Answers, asked: Asked) -> Table:
    word = field_words.ROWS.get(shape.name, "Row")
    given = filled.rows or [Answers() for _ in range(shape.least if shape.required else 0)]
    rows = [
        _group(
            entry, shape.row, f"{path}.{index}", row, asked,
            label=f"{word} {index + 1}", removable=len(given) > shape.least,
        )
        for index, row in enumerate(given)
    ]  # fmt: skip
    return Table(
        name=path,
        label=field_words.label(shape.of, shape.name),
        row_label=word.lower(),
        rows=rows,
        next=f"{path}.{len(rows)}" if len(rows) < shape.most else "",
        error=_error(path, asked.refusal, exactly=True),
    )


def _lines(entry: Entry, shape: Lines, path: str, filled: Answers, asked: Asked) -> Field:
    choices = () if shape.item is None else _choices(entry, shape.item, path, asked)
    return Field(
        name=path,
        label=field_words.label(shape.of, shape.name),
        kind="checks" if choices else "lines",
        whole=shape.item is not None and shape.item.type == "integer",
        value=filled.text,
        help=_help(entry, shape, asked.version) or ("" if choices else "One a line."),
        choices=choices,
        required=shape.required,
        error=_error(path, asked.refusal),
        most=4000,
    )


def _field(entry: Entry, leaf: Leaf, path: str, filled: Answers, asked: Asked) -> Field:
    choices = _choices(entry, leaf, path, asked)
    return Field(
        name=path,
        label=field_words.label(leaf.of, leaf.name),
        kind="select" if choices else _kind(leaf),
        whole=leaf.type == "integer",
        value=_value(leaf, filled, asked),
        help=_help(entry, leaf, asked.version),
        choices=choices,
        required=leaf.required,
        error=_error(path, asked.refusal),
        most=leaf.most or 500,
    )


def _kind(leaf: Leaf) -> str:
    if leaf.name in field_words.SECRET:
        return "secret"
    if leaf.moment:
        return "moment"
    if leaf.name in field_words.LONG:
        return "long"
    return {"boolean": "check", "integer": "number", "number": "decimal"}.get(leaf.type, "text")


def _value(leaf: Leaf, filled: Answers, asked: Asked) -> str:
    """What was filled in. A box that stands for yes is empty once a form was sent without it."""
    if filled.text or (leaf.type == "boolean" and SENT in asked.filled):
        return filled.text
    return leaf.default


# What every sent form has.
SENT = "idempotency_key"


def _help(entry: Entry, shape: Leaf | Lines, version: str) -> str:
    special = field_words.VERSION_HELP.get((entry.command, shape.name, version), "")
    # Within a part the same name means something of its own.
    return special or ("" if shape.required or shape.of else field_words.HELP.get(shape.name, ""))


def _error(path: str, refusal: Refused | None, *, exactly: bool = False) -> str:
    """What is wrong with it. The catalogue names a field by its path, as in params.variables.0.key."""
    if not isinstance(refusal, Invalid):
        return ""
    said = refusal.field.removeprefix("params.")
    if said != path and (exactly or not said.startswith(f"{path}.")):
        return ""
    return str(refusal).partition(": ")[2] or str(refusal)


def _choices(entry: Entry, leaf: Leaf, path: str, asked: Asked) -> Choices:
    """What can be chosen; () where anything can be typed."""
    if leaf.choices:
        missing = field_words.MISSING.get(asked.version, frozenset())
        missing |= field_words.NEVER.get(entry.command, frozenset())
        named = tuple((each, field_words.CHOICES.get(each, each)) for each in leaf.choices)
        found = tuple(choice for choice in named if choice[0] not in missing)
        return found if leaf.required or leaf.default else (("", _left_open(entry, leaf)), *found)
    if leaf.type == "boolean" and leaf.of and not leaf.required and leaf.name.startswith("use_"):
        return (("", "Not said"), ("true", "Yes"), ("false", "No"))
    match path:
        case "session_id":
            return _sessions(asked.running)
        case "evse_id" | "connector_id":
            return _places(entry, leaf, asked.station)
        case _:
            return ()


def _left_open(entry: Entry, leaf: Leaf) -> str:
    return field_words.LEFT_OPEN.get((entry.command, leaf.name), "Not said")


def _places(entry: Entry, leaf: Leaf, station: Station) -> Choices:
    plugs = [connector for connector in station.connectors.all() if connector.evse_id]
    what = field_words.LABELS[leaf.name]
    numbers = sorted({getattr(plug, leaf.name) for plug in plugs})
    named = tuple((str(number), f"{what} {number}") for number in numbers)
    if named and leaf.name == "evse_id" and entry.command in field_words.AT_STATION:
        named = (("0", "The whole station"), *named)
    return named if leaf.required or not named else (("", _left_open(entry, leaf)), *named)


def _sessions(running: Sequence[ChargingSession]) -> Choices:
    named = tuple((session.pk, _session(session)) for session in running)
    return (*named, ("", "Another one")) if named else ()


def _session(session: ChargingSession) -> str:
    where = f"EVSE {session.evse_id}" if session.evse_id else "EVSE unknown"
    since = timezone.localtime(session.started_at)
    return f"{where}, since {since:%H:%M %Z}, transaction {session.transaction_id}"
