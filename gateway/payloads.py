"""How we write what every version writes alike."""

from typing import Any

from gateway.adapter import Payload


def given(**members: object) -> dict[str, Any]:
    """An object with the members that are given: OCPP leaves out what isn't, and knows no null."""
    return {name: value for name, value in members.items() if value is not None}


def outcome_file(payload: Payload, name: str) -> str | None:
    """The name of a file that a station says it will upload; some say nothing by an empty one."""
    found: str = payload.get(name, "").strip()
    return found or None
