"""The editor's cards: a definition as fields of a form, and back. Nothing is saved here."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emobi.core import storable_json
from emobi.core.errors import Invalid
from stations.playbooks.steps import KINDS

_SHARED = ("do", "label", "when", "then", "on_failure")
# Lists and objects are written as JSON; the others as they are.
_JSON = frozenset({"params", "expect", "where", "until", "that", "when", "goal"})
_NUMBERS = frozenset({"timeout_s", "expires_in_s"})
MOST_TEXT = 20_000
LARGEST = 10**15


class Unread(str):
    """What was typed where JSON or a number belongs and is neither: shown as it is, and never saved."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input of a card."""

    name: str
    words: str
    value: str
    is_json: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """One step as a form."""

    index: int
    number: int
    do: str
    title: str
    label: str
    then: str
    on_failure: str
    fields: list[Field]
    first: bool
    last: bool


def cards(steps: list[dict[str, Any]]) -> list[Card]:
    """Steps as forms."""
    return [_card(index, step, len(steps)) for index, step in enumerate(steps)]


def _card(index: int, step: Mapping[str, Any], count: int) -> Card:
    kind = KINDS[step["do"]]
    own = [field.name for field in dataclasses.fields(kind) if field.name not in _SHARED]
    return Card(
        index=index,
        number=index + 1,
        do=step["do"],
        title=str(getattr(kind, "title", step["do"])),
        label=step.get("label") or "",
        then=step.get("then") or "continue",
        on_failure=step.get("on_failure") or "stop",
        fields=[_field(name, step.get(name)) for name in (*own, "when")],
        first=index == 0,
        last=index == count - 1,
    )


def _field(name: str, value: object) -> Field:
    is_json = name in _JSON
    text = "" if value in (None, [], {}) else as_json(value) if is_json else str(value)
    return Field(name=name, words=name.replace("_", " ").capitalize(), value=text, is_json=is_json)


def as_json(value: object) -> str:
    """A value as it is written in a field for JSON."""
    return value if isinstance(value, Unread) else json.dumps(value)


def read(sent: Mapping[str, str], written: Mapping[str, Any]) -> tuple[dict[str, Any], list[Invalid]]:
    """The definition that a form says, and what is wrong with it; what it doesn't show stays as ``written``.

    What should be JSON or a number and isn't stays in it as an `Unread`, so that nothing is lost.

    Raises:
        Invalid: If it isn't this form.
    """
    wrong: list[Invalid] = []
    count = _number(sent.get("count", "0"), "count", wrong)
    if isinstance(count, str):
        raise wrong[0]

    def number(name: str) -> float | Unread:
        return _number(sent.get(name, ""), f"guard_rails.{name}", wrong)

    found = {
        **written,
        "trigger": {
            "event": sent.get("event", "").strip(),
            "where": _json(sent.get("where", ""), "trigger.where", wrong) or [],
        },
        "goal": _json(sent.get("goal", ""), "goal", wrong) or [],
        "scope": {name: _words(sent.get(name, "")) for name in ("sites", "tags", "models")},
        "guard_rails": {
            **{name: number(name) for name in ("resets_per_day", "share_percent", "cooldown_s")},
            "may_interrupt_sessions": sent.get("may_interrupt_sessions", "never"),
        },
        "needs_approval": sent.get("needs_approval") == "on",
        "steps": [_step(sent, index, wrong) for index in range(int(min(count, 60)))],
    }
    return found, wrong


def _step(sent: Mapping[str, str], index: int, wrong: list[Invalid]) -> dict[str, Any]:
    def said(name: str) -> str:
        return sent.get(f"step-{index}-{name}", "").strip()

    do = said("do")
    if do not in KINDS:
        raise Invalid(f"Step {index + 1} is of no kind that there is.", f"steps.{index}.do")
    step: dict[str, Any] = {"do": do, "then": said("then"), "on_failure": said("on_failure")}
    if said("label"):
        step["label"] = said("label")
    for field in dataclasses.fields(KINDS[do]):
        name, text = field.name, said(field.name)
        if name in step or name == "label" or not text:
            continue
        at = f"steps.{index}.{name}"
        if name in _JSON:
            step[name] = _json(text, at, wrong)
        else:
            step[name] = _number(text, at, wrong) if name in _NUMBERS else text
    return step


def moved(steps: list[dict[str, Any]], move: str) -> list[dict[str, Any]]:
    """The steps after ``up-2``, ``down-2``, ``remove-2`` or ``add-wait``; unchanged where that can't be."""
    what, _, which = move.partition("-")
    if what == "add" and which in KINDS:
        return [*steps, {"do": which}]
    if not which.isdecimal() or int(which) >= len(steps):
        return steps
    at, found = int(which), list(steps)
    if what == "remove":
        del found[at]
    to = {"up": at - 1, "down": at + 1}.get(what, -1)
    if 0 <= to < len(found) and what != "remove":
        found[at], found[to] = found[to], found[at]
    return found


def _json(text: str, at: str, wrong: list[Invalid]) -> Any:  # noqa: ANN401 - JSON
    if not text.strip():
        return None
    try:
        return storable_json.read(text[:MOST_TEXT])
    except ValueError:
        wrong.append(Invalid(f"{at}: this isn't JSON.", at))
        return Unread(text)


def _number(text: str, at: str, wrong: list[Invalid]) -> float | Unread:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not abs(found) <= LARGEST:
        wrong.append(Invalid(f"{at}: this isn't a number.", at))
        return Unread(text)
    return int(found) if found.is_integer() else found


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
