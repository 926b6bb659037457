"""A playbook as it is written down: when it starts, for whom, what it does, what it may do, what it is for.

`parse` takes JSON and refuses what can't run: unknown facts, events or commands, a ``goto`` backwards. The
language is total: jumps go forward, each wait has a time-out, so that every run ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError, with_config

from emobi.core import events
from emobi.core.errors import Invalid
from stations import masking
from stations.commands import catalogue, custom_data
from stations.playbooks import conditions
from stations.playbooks.conditions import STRICT
from stations.playbooks.steps import GOTO, Check, Conditions, SendCommand, Step, Wait

MOST_STEPS = 50
# No playbook may do more, whatever it says (docs/playbooks.md).
MOST_RESETS_PER_DAY = 3
LARGEST_SHARE_PERCENT = 5.0

_Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=100)]


class Interrupts(StrEnum):
    """Whose charging sessions a playbook may end: nobody's, that which it is about, or any."""

    NEVER = "never"
    OWN = "own"
    ANY = "any"


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Trigger:
    """An event of a type, with what ``where`` says of it and of its station."""

    event: str
    where: Conditions = ()


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Scope:
    """Stations of one of these sites, and with one of these tags, and of one of these models; empty: all."""

    sites: _Words = ()
    tags: _Words = ()
    models: _Words = ()

    def includes(self, *, site: str, tags: Sequence[str], model: str) -> bool:
        """Whether a station is within it."""
        return (
            (not self.sites or site in self.sites)
            and (not self.tags or bool(set(tags) & set(self.tags)))
            and (not self.models or model in self.models)
        )


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class GuardRails:
    """What it may do at most.

    Attributes:
        resets_per_day: Of one station in 24 hours, those of all other playbooks counted in.
        share_percent: Of the network's stations at once; one at least.
        cooldown_s: It leaves a station alone for so long after a run.
        may_interrupt_sessions: Whose sessions it may end.
    """

    resets_per_day: Annotated[int, Field(ge=0, le=MOST_RESETS_PER_DAY)] = MOST_RESETS_PER_DAY
    share_percent: Annotated[float, Field(gt=0, le=LARGEST_SHARE_PERCENT)] = LARGEST_SHARE_PERCENT
    cooldown_s: Annotated[int, Field(ge=0, le=7 * 86_400)] = 3600
    may_interrupt_sessions: Interrupts = Interrupts.NEVER


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Definition:
    """All of it. ``goal``: what has to hold at the end, for a run to be verified."""

    trigger: Trigger
    goal: Annotated[tuple[conditions.Condition, ...], Field(min_length=1, max_length=20)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]
    scope: Scope = field(default_factory=Scope)
    guard_rails: GuardRails = field(default_factory=GuardRails)
    needs_approval: bool = False

    def index(self, label: str) -> int:
        """Where the step of that label stands."""
        return next(index for index, step in enumerate(self.steps) if step.label == label)


ADAPTER: TypeAdapter[Definition] = TypeAdapter(Definition)


def parse(written: Mapping[str, Any]) -> Definition:
    """A definition that can run.

    Raises:
        Invalid: If it can't; the field is named.
    """
    try:
        found = ADAPTER.validate_python(dict(written))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{at}: {first['msg']}.", at) from error
    _check(found)
    return found


def plain(definition: Definition) -> dict[str, Any]:
    """The same as JSON, every field named."""
    written: dict[str, Any] = ADAPTER.dump_python(definition, mode="json")
    return written


@lru_cache(maxsize=512)
def _parsed(text: bytes) -> Definition:
    return ADAPTER.validate_json(text)


def stored(written: Mapping[str, Any]) -> Definition:
    """One that was found good when it was stored. Runs look at theirs at every step."""
    return _parsed(orjson.dumps(written))


def _check(found: Definition) -> None:
    _check_event(found.trigger.event, "trigger.event")
    if found.trigger.event.startswith("playbook."):
        raise Invalid("A playbook can't be started by what playbooks do.", "trigger.event")
    conditions.check(found.trigger.where, "trigger.where", lasting=True)
    conditions.check(found.goal, "goal")
    labels: dict[str, int] = {}
    for index, step in enumerate(found.steps):
        if step.label is not None and labels.setdefault(step.label, index) != index:
            raise Invalid(f"There are two steps {step.label!r}.", f"steps.{index}.label")
    for index, step in enumerate(found.steps):
        _check_step(step, f"steps.{index}")
        for name, flow in (("then", step.then), ("on_failure", step.on_failure)):
            if flow.startswith(GOTO) and labels.get(flow.removeprefix(GOTO), -1) <= index:
                raise Invalid(f"There is no later step for {flow!r}.", f"steps.{index}.{name}")


def _check_step(step: Step, at: str) -> None:
    conditions.check(step.when, f"{at}.when")
    match step:
        case SendCommand():
            _check_command(step, at)
        case Wait():
            if step.event is not None:
                _check_event(step.event, f"{at}.event")
            if step.event is not None and step.until:
                raise Invalid("Wait for an event or for a state, not for both.", f"{at}.until")
            conditions.check(step.where, f"{at}.where")
            conditions.check(step.until, f"{at}.until")
        case Check():
            conditions.check(step.that, f"{at}.that")


def _check_event(name: str, at: str) -> None:
    if name not in events.TYPES:
        raise Invalid(f"There is no event {name[:64]!r}; see docs/events.md.", at)


def _check_command(step: SendCommand, at: str) -> None:
    entry = catalogue.entry(step.command)
    if masking.value(dict(step.params)) != dict(step.params):
        raise Invalid("A playbook is kept and shown as it is written: it holds no secrets.", f"{at}.params")
    if not conditions.names(dict(step.params)):
        catalogue.parse(step.command, step.params)
        return
    # What stations' own versions don't know shows when it is said.
    known = custom_data.described(entry.params_schema)["properties"]
    for name in step.params:
        if name not in known:
            raise Invalid(f"{step.command} has no {name[:64]!r}.", f"{at}.params.{name}")
    custom_data.without(step.params)
