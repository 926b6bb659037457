"""GetReport (OCPP 2.0.1, use case B08): report on parts of the device model; NotifyReport brings it."""

from collections.abc import Sequence
from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations import selectors
from stations.commands.device_model import GetReport
from stations.commands.outcome import Outcome
from stations.models import Station


def split(command: GetReport, station: Station) -> Sequence[GetReport]:
    """Only ever one message, as its report is one: no more names than the station takes (B08.FR.06).

    Raises:
        CommandUnsupported: If there are.
    """
    most = selectors.message_limits(station, "DeviceDataCtrlr", "GetReport").items
    if most is not None and len(command.component_variables) > most:
        raise CommandUnsupported(f"the station takes up to {most} component_variables at once")
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
