"""GetDisplayMessages (OCPP 2.0.1, use cases O03 and O04): which are set; NotifyDisplayMessages tells."""

import dataclasses
from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.display_messages import GetDisplayMessages
from stations.commands.outcome import Outcome
from stations.models import CommandState


def encode(command: GetDisplayMessages) -> Payload:
    """``request_id`` has been chosen by now."""
    payload: dict[str, Any] = {"requestId": command.request_id}
    if command.message_ids:
        payload["id"] = list(command.message_ids)
    if command.priority is not None:
        payload["priority"] = command.priority.value
    if command.state is not None:
        payload["state"] = command.state.value
    return payload


def decode(payload: Payload) -> Outcome:
    """Unknown: there is no such message, and no part will come. That is an answer, too (O03.FR.06)."""
    outcome = fields.outcome(payload)
    return dataclasses.replace(outcome, state=CommandState.ACCEPTED)
