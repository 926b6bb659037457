"""What a playbook can do, one dataclass a kind of step.

Each step succeeds, fails, or is skipped because its ``when`` doesn't hold. Where it goes on then, ``then``
and ``on_failure`` say: ``continue``, ``stop``, or ``goto LABEL``, forward only, so that every playbook ends.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, with_config

from stations.playbooks.conditions import STRICT, Condition

CONTINUE, STOP, GOTO = "continue", "stop", "goto "

Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Flow = Annotated[str, Field(pattern=r"^(continue|stop|goto [a-z][a-z0-9_]{0,39})$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Conditions = Annotated[tuple[Condition, ...], Field(max_length=20)]


class Severity(StrEnum):
    """How bad that is what an incident or a notification is about, the worst first."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"


class Verdict(StrEnum):
    """What a ``stop`` says. ``verified`` counts only where the goal holds."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    FAILED = "failed"


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class _Step:
    label: Label | None = None
    when: Conditions = ()
    then: Flow = CONTINUE
    on_failure: Flow = STOP


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class SendCommand(_Step):
    """Ask the station for something; succeeds if the command ends in a state of ``expect``."""

    title: ClassVar[str] = "Send a command"
    command: str
    do: Literal["command"] = "command"
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    expect: Annotated[
        tuple[
            Literal["accepted", "scheduled", "rejected", "failed", "unknown", "unsupported", "expired"], ...
        ],
        Field(min_length=1),
    ] = ("accepted", "scheduled")
    expires_in_s: Seconds = 60


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Wait(_Step):
    """Wait for an event of the station, or until conditions hold; with neither, until the goal holds."""

    title: ClassVar[str] = "Wait"
    timeout_s: Seconds
    do: Literal["wait"] = "wait"
    event: str | None = None
    where: Conditions = ()
    until: Conditions = ()


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Check(_Step):
    """Succeeds if all conditions hold now; with none, if the goal does."""

    title: ClassVar[str] = "Check"
    do: Literal["check"] = "check"
    that: Conditions = ()


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Notify(_Step):
    """Tell people, along the network's notification routes, and whoever subscribes to ``playbook.step``."""

    title: ClassVar[str] = "Notify"
    text: Text
    do: Literal["notify"] = "notify"
    severity: Severity = Severity.MAJOR


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class OpenIncident(_Step):
    """Open an incident about the station, or join the one that is open, and make it as bad as that."""

    title: ClassVar[str] = "Open an incident"
    text: Text
    do: Literal["open_incident"] = "open_incident"
    severity: Severity = Severity.MAJOR


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class CloseIncident(_Step):
    """Resolve the incident that the run is about or has opened."""

    title: ClassVar[str] = "Close the incident"
    do: Literal["close_incident"] = "close_incident"


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Ask(_Step):
    """Ask a person; succeeds with a yes, fails with a no or after ``timeout_s``."""

    title: ClassVar[str] = "Ask a person"
    text: Text
    timeout_s: Seconds
    do: Literal["ask"] = "ask"


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Stop(_Step):
    """End the run."""

    title: ClassVar[str] = "Stop"
    verdict: Verdict
    do: Literal["stop"] = "stop"
    reason: Annotated[str, Field(max_length=300)] = ""


type Step = Annotated[
    SendCommand | Wait | Check | Notify | OpenIncident | CloseIncident | Ask | Stop, Field(discriminator="do")
]

# By the name that is written as ``do``.
KINDS: dict[str, type[_Step]] = {
    "command": SendCommand,
    "wait": Wait,
    "check": Check,
    "notify": Notify,
    "open_incident": OpenIncident,
    "close_incident": CloseIncident,
    "ask": Ask,
    "stop": Stop,
}
