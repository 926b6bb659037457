"""Forms for commands: what a form asks for, says of its effect, and sends. What is left empty isn't sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from dashboard.commands import command_fields, command_words, filled_params, reservation_conflicts
from dashboard.commands.command_fields import Asked, Node
from dashboard.commands.command_words import Words
from emobi.core import storable_json
from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.entry import Entry
from stations.models import Connectivity, Station
from stations.services.commanding import commands

# What becomes of a command whose station isn't connected: how long it waits, in seconds; 0: it isn't sent.
WAITS = (
    (60, "wait 1 minute"),
    (600, "wait 10 minutes"),
    (3600, "wait 1 hour"),
    (86400, "wait 1 day"),
    (0, "don't queue it: only if it is there now"),
)
# Longer than any params: a full charging profile has some 100 kB.
LONGEST_JSON = 500_000
LONGEST_REASON = commands.LONGEST_REASON


@dataclass(frozen=True, kw_only=True)
class Form:
    """A command's form for one station, as it is now.

    Attributes:
        fields: Its inputs; none where it is shown as JSON.
        json: Its params as JSON, where they are shown so; None where they are shown as fields.
        note: Why it is shown so.
        effect: What it will end or change.
        waiting: Why there may be no answer soon.
        error: Why it was refused, if no field is to blame.
        reason_error: What is wrong with the reason.
    """

    entry: Entry
    words: Words
    fields: Sequence[Node]
    json: str | None
    note: str
    effect: str
    waiting: str
    error: str
    reason_error: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A command in the list; ``reason`` why it can't be sent now, or not by this person."""

    entry: Entry
    words: Words
    reason: str

    @property
    def text(self) -> str:
        """What it is found by."""
        words = self.words
        return f"{self.entry.command} {words.title} {words.group} {self.entry.description}"


def form(entry: Entry, asked: Asked, *, json_text: str | None = None, note: str = "") -> Form:
    """The form of a command; as JSON where ``json_text`` is given."""
    fields = [] if json_text is not None else command_fields.of(entry, asked)
    blames_reason = isinstance(asked.refusal, Invalid) and asked.refusal.field == "reason"
    blamed = blames_reason or command_fields.blamed(fields)
    return Form(
        entry=entry,
        words=command_words.WORDS[entry.command],
        fields=fields,
        json=json_text,
        note=note,
        effect=_effect(entry, asked),
        waiting=_waiting(asked.station),
        error=str(asked.refusal) if asked.refusal and not blamed else "",
        reason_error=str(asked.refusal) if blames_reason else "",
    )


def params(entry: Entry, station: Station, filled: Mapping[str, str]) -> dict[str, Any]:
    """What a filled form asks for, as the catalogue takes it.

    Raises:
        Invalid: If it can't be read; whether a value will do is the catalogue's to say.
    """
    if "json" in filled:
        return from_json(filled["json"])
    return filled_params.read(entry.command, station.ocpp_version, filled)


def from_json(text: str) -> dict[str, Any]:
    """Params that were typed as JSON.

    Raises:
        Invalid: If they are no object, or can't be stored.
    """
    try:
        found = storable_json.read(text[:LONGEST_JSON])
    except ValueError as error:
        raise Invalid(f"This isn't JSON: {error}.", "json") from error
    if not isinstance(found, dict):
        raise Invalid("Params are a JSON object: {…}.", "json")
    return found


def to_json(found: Mapping[str, Any]) -> str:
    """Params as they are typed."""
    return json.dumps(found, indent=2, ensure_ascii=False)


class Waiting(TypedDict):
    """As `commands.request` takes it."""

    expires_in_s: float
    only_now: bool


def waiting(filled: Mapping[str, str]) -> Waiting:
    """How long a filled form lets the command wait, or that it is only for now."""
    seconds = wait_s(filled)
    return Waiting(expires_in_s=seconds or commands.AT_ONCE_S, only_now=not seconds)


def wait_s(filled: Mapping[str, str]) -> int:
    """How long a filled form lets the command wait; a minute where it doesn't say, 0: not at all."""
    known = {str(seconds): seconds for seconds, _ in WAITS}
    return known.get(filled.get("expires_in_s", ""), WAITS[0][0])


def reason(entry: Entry, filled: Mapping[str, str]) -> str:
    """Why it is sent, as the audit log keeps it.

    Raises:
        Invalid: If the command isn't sent without one.
    """
    said = filled.get("reason", "").strip()[:LONGEST_REASON]
    if not said and command_words.WORDS[entry.command].reason:
        raise Invalid("This command isn't sent without a reason.", "reason")
    return said


def offers(station: Station, role: Role, q: str = "") -> Iterator[tuple[str, list[Offer]]]:
    """The commands by heading, in the order of our words; with ``q`` those that have all of its words."""
    wanted = q.lower().split()
    found = [
        Offer(entry=entry, words=words, reason=_reason(station, entry, role))
        for name, words in command_words.WORDS.items()
        for entry in (catalogue.entry(name),)
    ]
    for group in command_words.GROUPS:
        yield (
            group,
            [
                offer
                for offer in found
                if offer.words.group == group and all(word in offer.text.lower() for word in wanted)
            ],
        )


def _reason(station: Station, entry: Entry, role: Role) -> str:
    if not role.includes(entry.role):
        return f"Needs the role {entry.role.value}"
    return commands.can_ask(station, entry)[1] or ""


def ends_sessions(entry: Entry) -> bool:
    """Whether sessions end by it, so that one has to know how many run."""
    return entry.command in ("reset", "unlock", "remote_stop")


def effect(entry: Entry, running: int, where: str = "") -> str:
    """What it will end or change, where so many sessions run."""
    if not ends_sessions(entry):
        return entry.effect
    now = {0: "No session runs", 1: "1 session runs"}.get(running, f"{running:,} sessions run")
    return f"{entry.effect} {now} now{f': {where}' if where else ''}."


def _effect(entry: Entry, asked: Asked) -> str:
    """The same for one station, with its EVSEs, or what stands in the way."""
    if entry.command == reservation_conflicts.COMMAND:
        return f"{entry.effect} {reservation_conflicts.told(asked)}"
    where = ", ".join(f"EVSE {session.evse_id}" for session in asked.running if session.evse_id)
    return effect(entry, len(asked.running), where)


def _waiting(station: Station) -> str:
    match station.connectivity:
        case Connectivity.ONLINE:
            return ""
        case Connectivity.SILENT:
            return "The station has missed its heartbeats: there may be no answer."
        case _:
            return "The station isn't connected: the command waits until it is, or expires, or isn't queued."
