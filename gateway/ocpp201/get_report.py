"""GetReport (OCPP 2.0.1, use case B08): report on parts of the device model; NotifyReport brings it."""

from collections.abc import Sequence
from typing import Any

from gateway import packing
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations.commands.device_model import GetReport
from stations.commands.outcome import Outcome
from stations.models import Station


def split(command: GetReport, station: Station) -> Sequence[GetReport]:
    """Only ever one message, as its report is one: no more names than the station takes (B08.FR.06, FR.18).

    Raises:
        CommandUnsupported: If there are, or the message would be too large.
    """
    limits = packing.limits_of(station, "GetReport")
    if limits.items is not None and len(command.component_variables) > limits.items:
        raise CommandUnsupported(f"the station takes up to {limits.items} component_variables at once")
    if limits.bytes is not None and packing.size("GetReport", encode(command)) > limits.bytes:
        raise CommandUnsupported(f"the station takes messages of up to {limits.bytes} bytes")
    return (command,)


def encode(command: GetReport) -> Payload:
    """``request_id`` has been chosen by now."""
    payload: dict[str, Any] = {"requestId": command.request_id}
    if command.component_criteria:
        payload["componentCriteria"] = [criterion.value for criterion in command.component_criteria]
    if command.component_variables:
        payload["componentVariable"] = fields.component_variables(command.component_variables)
    return payload


def decode(payload: Payload) -> Outcome:
    """With EmptyResultSet no part will come (B08.FR.15)."""
    return fields.outcome(payload)
