"""The end of what we asked of a station."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emobi.core.events.model import Event


@dataclass(frozen=True, kw_only=True)
class CommandCompleted(Event):
    """A command ended with the station's answer: accepted, scheduled or rejected."""

    type = "command.completed"
    command_id: str
    command: str
    state: str
    outcome: Mapping[str, Any] | None
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class CommandFailed(CommandCompleted):
    """A command ended without a useful answer: failed, unknown, unsupported, expired or cancelled."""

    type = "command.failed"
