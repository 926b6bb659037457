"""The life of a command, from queued to its end, in words."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard import figures, statuses
from dashboard.commands import command_words, field_words
from dashboard.statuses import Shown
from stations import masking
from stations.models import Command, CommandState, Station

RECENT = 8
# Of a text of several lines no more is shown than one; a longer one is named.
LONGEST_TOLD = 100
# Of the variables that a command read or set.
MOST_VARIABLES = 6
# What a form offers to be filled in as: so many, of the newest.
LATELY, LATELY_OF = 3, 10


@dataclass(frozen=True, kw_only=True)
class Life:
    """A command, as the station's page shows it."""

    command: Command

    @property
    def key(self) -> str:
        """What a live page calls it."""
        return f"command:{self.command.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """As a live page gets it."""
        return {"state": self.shown.value, "steps": self.steps, "outcome": self.outcome}

    @property
    def title(self) -> str:
        return command_words.title(self.command.name)

    @property
    def asked(self) -> str:
        """Its params, as far as they say anything."""
        return " · ".join(_told(masking.value(self.command.params)))

    @property
    def shell_body(self) -> str:
        """As the API takes it, quoted for a shell; secrets are masked."""
        return shlex.quote(json.dumps({"command": self.command.name, "params": self.command.shown_params}))

    @property
    def shown(self) -> Shown:
        return statuses.COMMAND[CommandState(self.command.state)]

    @property
    def steps(self) -> str:
        """What happened: each step by its time since the one before."""
        command = self.command
        told = ["queued"]
        before = command.created_at
        if command.sent_at:
            told.append(f"sent after {between(before, command.sent_at)}")
            before = command.sent_at
        if command.ended_at:
            told.append(f"{self.shown.word.lower()} after {between(before, command.ended_at)}")
        elif not command.sent_at:
            waits = (command.expires_at - command.created_at).total_seconds()
            told.append(f"waits {figures.duration(waits)} at most")
        else:
            told.append("waits for the answer")
        return " → ".join(told)

    @property
    def answer(self) -> str:
        """What the station answered beyond its verdict, or why it didn't."""
        return " · ".join(self._answer)

    @property
    def seen(self) -> str:
        """What was seen of its effect; "" where none is awaited."""
        return _seen((self.command.outcome or {}).get("verification"))

    @property
    def outcome(self) -> str:
        """Both: the answer, and what was seen of the effect."""
        return " · ".join(dict.fromkeys(filter(None, (*self._answer, self.seen))))

    @property
    def _answer(self) -> Sequence[str]:
        outcome = self.command.outcome or {}
        detail = masking.value(outcome.get("detail") or {})
        said = [outcome.get("status"), outcome.get("reason"), *_told(detail)]
        return list(dict.fromkeys(str(part) for part in said if part and part != self.shown.word))


def recent(station: Station) -> list[Life]:
    """The newest commands of a station; one query."""
    return [
        Life(command=command) for command in Command.objects.filter(station=station).order_by("-pk")[:RECENT]
    ]


def lately(station: Station, name: str) -> list[Life]:
    """The newest commands of a name that say something, each different; one query."""
    newest = Command.objects.filter(station=station, name=name).order_by("-pk")[:LATELY_OF]
    told: dict[str, Life] = {}
    for life in map(_life, newest):
        if life.asked:
            told.setdefault(life.asked, life)
    return list(told.values())[:LATELY]


def _life(command: Command) -> Life:
    return Life(command=command)


def shape_of(lives: Iterable[Life]) -> str:
    """Changes when the list has to be drawn anew."""
    return " ".join(life.command.pk for life in lives)


def _seen(verification: dict[str, Any] | None) -> str:
    """Whether the effect of a command was seen, which shows after its answer; "" where none is awaited."""
    if verification is None:
        return ""
    match verification:
        case {"state": "verified", "detail": {"after_s": after_s}}:
            return f"done after {figures.duration(after_s)}"
        case {"state": "not_seen", "within_s": within_s, "detail": detail}:
            return f"not seen to be done within {figures.duration(within_s)}{_other_boots(detail)}"
        case {"state": "pending", "detail": detail}:
            return f"not seen to be done yet{_other_boots(detail)}"
    return ""


def _other_boots(detail: Mapping[str, Any] | None) -> str:
    """It booted, and says that it was for another reason than ours."""
    others = (detail or {}).get("other_boots") or []
    return f"; it booted, for another reason: {others[-1].get('reason')}" if others else ""


def between(before: datetime, after: datetime) -> str:
    """How long a step took: 8 ms, 1.42 s, 4 min 10 s."""
    seconds = (after - before).total_seconds()
    return figures.lasting(max(0.0, seconds * 1000)) if seconds < 60 else figures.duration(seconds)


def _told(params: dict[str, Any]) -> Sequence[str]:
    """Scalars by name; of variables each with its value."""
    told = [
        _param(name, value)
        for name, value in params.items()
        if isinstance(value, str | int | float) and value not in ("", False)
    ]
    variables = params.get("variables")
    return [*told, *_few(variables)] if isinstance(variables, list) else told


def _few(variables: Sequence[dict[str, Any]]) -> Sequence[str]:
    """The first of them, the refused before the rest: a whole configuration has a page of its own."""
    ordered = sorted(variables, key=lambda each: each.get("status", "") in ("", "Accepted"))
    more = len(ordered) - MOST_VARIABLES
    told = [_variable(each) for each in ordered[:MOST_VARIABLES]]
    return [*told, f"and {more} more"] if more > 0 else told


def _variable(variable: dict[str, Any]) -> str:
    name = variable.get("key") or ".".join(
        filter(None, (variable.get("component"), variable.get("variable")))
    )
    status, value = variable.get("status", ""), variable.get("value")
    shown = f"{name} = {value}" if value is not None else name
    return shown if status in ("", "Accepted") else f"{shown} ({status})"


def _param(name: str, value: object) -> str:
    """As the form had it: a choice by its words, the rest after its label."""
    if value is True:
        return field_words.LABELS.get(name, name)
    if str(value) in field_words.CHOICES:
        return field_words.CHOICES[str(value)]
    if name in field_words.LONG and len(str(value)) > LONGEST_TOLD:
        return field_words.LABELS.get(name, name)
    return f"{field_words.LABELS.get(name, name.replace('_', ' '))} {value}"
