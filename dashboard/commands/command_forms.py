"""Forms for commands: what a form asks for, says of its effect, and sends. What is left empty isn't sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.commands import command_fields, command_words
from dashboard.commands.command_fields import Asked, Field
from dashboard.commands.command_words import Words
from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.entry import Entry
from stations.models import Connectivity, Station

# How long a command may wait for its station, in seconds.
WAITS = ((60, "1 minute"), (600, "10 minutes"), (3600, "1 hour"), (86400, "1 day"))


@dataclass(frozen=True, kw_only=True)
class Form:
    """A command's form for one station, as it is now.

    Attributes:
        effect: What it will end or change.
        waiting: Why there may be no answer soon.
        error: Why it was refused, if no field is to blame.
    """

    entry: Entry
    words: Words
    fields: Sequence[Field]
    effect: str
    waiting: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A command in the list of those that can be sent; ``reason`` why not by this person."""

    entry: Entry
    words: Words
    reason: str


def form(entry: Entry, asked: Asked) -> Form:
    """The form of a command."""
    fields = command_fields.of(entry, asked)
    blamed = any(field.error for field in fields)
    return Form(
        entry=entry,
        words=command_words.WORDS[entry.command],
        fields=fields,
        effect=_effect(entry, asked),
        waiting=_waiting(asked.station),
        error=str(asked.refusal) if asked.refusal and not blamed else "",
    )


def params(entry: Entry, station: Station, filled: Mapping[str, str]) -> dict[str, Any]:
    """What a filled form asks for, as the catalogue takes it.

    Raises:
        Invalid: If a field can't be read; whether its value will do is the catalogue's to say.
    """
    found: dict[str, Any] = {}
    for field in command_fields.of(entry, Asked(station=station, filled=filled)):
        text = filled.get(field.name, "").strip()
        if text:
            found[field.name] = _read(field, text, station)
    return {"variables": [found]} if entry.command == "set_config" else found


def wait_s(filled: Mapping[str, str]) -> int:
    """How long a filled form lets the command wait; the shortest where it doesn't say."""
    known = {str(seconds): seconds for seconds, _ in WAITS}
    return known.get(filled.get("expires_in_s", ""), WAITS[0][0])


def offers(station: Station, role: Role) -> Iterator[tuple[str, list[Offer]]]:
    """The commands that the station's version has words for, by heading, in the order of our words."""
    for group in command_words.GROUPS:
        yield (
            group,
            [
                Offer(entry=entry, words=words, reason=_reason(entry, role))
                for name, words in command_words.WORDS.items()
                if words.group == group and _speaks(station, entry := catalogue.entry(name))
            ],
        )


def _speaks(station: Station, entry: Entry) -> bool:
    return not station.ocpp_version or station.ocpp_version in entry.versions


def _reason(entry: Entry, role: Role) -> str:
    return "" if role.includes(entry.role) else f"Needs the role {entry.role.value}"


def _read(field: Field, text: str, station: Station) -> object:
    match field.kind:
        case "check":
            return True
        case "lines":
            return [_line(field, line.strip(), station) for line in text.splitlines() if line.strip()]
        case _:
            return _number(field, text) if field.whole else text


def _line(field: Field, line: str, station: Station) -> object:
    match field.items:
        case "variable":
            return _variable(line, station)
        case "integer":
            return _number(field, line)
        case _:
            return line


def _number(field: Field, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(f"{field.label}: a whole number, please.", field.name)
    return int(text)


def _variable(line: str, station: Station) -> dict[str, str]:
    """One line of a list of settings: a key of 1.6, or Component.Variable."""
    if station.ocpp_version == "1.6":
        return {"key": line}
    component, _, variable = line.partition(".")
    if not component or not variable:
        raise Invalid(f"Settings: {line[:60]} isn't Component.Variable.", "variables")
    return {"component": component.strip(), "variable": variable.strip()}


def _effect(entry: Entry, asked: Asked) -> str:
    """What it will end or change, as far as that is known now."""
    if entry.command not in ("reset", "unlock", "remote_stop"):
        return entry.effect
    running = len(asked.running)
    now = {0: "No session runs", 1: "1 session runs"}.get(running, f"{running} sessions run")
    where = ", ".join(f"EVSE {session.evse_id}" for session in asked.running if session.evse_id)
    return f"{entry.effect} {now} now{f': {where}' if where else ''}."


def _waiting(station: Station) -> str:
    match station.connectivity:
        case Connectivity.ONLINE:
            return ""
        case Connectivity.SILENT:
            return "The station has missed its heartbeats: there may be no answer."
        case _:
            return "The station isn't connected: the command waits until it is, or expires."
