"""What playbooks do about ill stations. Dry runs tell nothing: nothing happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emobi.core.events.model import Event


@dataclass(frozen=True, kw_only=True)
class PlaybookStarted(Event):
    """A run has got its turn: its first step follows."""

    type = "playbook.started"
    run_id: str
    playbook: str
    version: int
    cause_type: str | None
    cause_event_id: str | None
    incident_id: str | None
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class PlaybookStep(Event):
    """A step of a run has ended, or waits for a person."""

    type = "playbook.step"
    run_id: str
    playbook: str
    index: int
    label: str | None
    do: str
    attempt: int
    state: str
    message: str | None
    severity: str | None
    command_id: str | None
    outputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PlaybookSucceeded(Event):
    """A run has ended, and its goal was seen to hold."""

    type = "playbook.succeeded"
    run_id: str
    playbook: str
    version: int
    state: str
    verified: bool | None
    reason: str | None
    incident_id: str | None
    duration_s: float | None


@dataclass(frozen=True, kw_only=True)
class PlaybookFailed(PlaybookSucceeded):
    """A run has ended in any other way: not verified, failed, cancelled, or stopped by a guard rail."""

    type = "playbook.failed"
