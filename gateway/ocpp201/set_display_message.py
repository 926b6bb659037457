"""SetDisplayMessage (OCPP 2.0.1, use cases O01, O02 and O06): show a message."""

from typing import Any

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.display_messages import SetDisplayMessage
from stations.commands.outcome import Outcome


def encode(command: SetDisplayMessage) -> Payload:
    """Without a transaction its field is left out (O01.FR.04)."""
    shown: dict[str, Any] = {
        "id": command.message_id,
        "priority": command.priority.value,
        "message": _content(command),
    }
    if command.state is not None:
        shown["state"] = command.state.value
    if command.start_at is not None:
        shown["startDateTime"] = clock.iso(command.start_at)
    if command.end_at is not None:
        shown["endDateTime"] = clock.iso(command.end_at)
    if command.transaction_id is not None:
        shown["transactionId"] = command.transaction_id
    if command.display is not None:
        shown["display"] = fields.component(command.display)
    return {"message": shown}


def _content(command: SetDisplayMessage) -> Payload:
    content = {"format": command.format.value, "content": command.content}
    return content if command.language is None else content | {"language": command.language}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
