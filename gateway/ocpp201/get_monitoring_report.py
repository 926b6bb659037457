"""GetMonitoringReport (OCPP 2.0.1, use case N02): which monitors there are; NotifyMonitoringReport tells."""

from collections.abc import Sequence
from typing import Any

from gateway import packing
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations.commands.monitoring import GetMonitoringReport
from stations.commands.outcome import Outcome
from stations.models import Station


def split(command: GetMonitoringReport, station: Station) -> Sequence[GetMonitoringReport]:
    """Only ever one message, as its report is one: no more names than the station takes (N02.FR.07).

    Raises:
        CommandUnsupported: If there are, or the message would be too large.
    """
    limits = packing.limits_of(station, "GetMonitoringReport")
    if limits.items is not None and len(command.component_variables) > limits.items:
        raise CommandUnsupported(f"the station takes up to {limits.items} component_variables at once")
    if limits.bytes is not None and packing.size("GetMonitoringReport", encode(command)) > limits.bytes:
        raise CommandUnsupported(f"the station takes messages of up to {limits.bytes} bytes")
    return (command,)


def encode(command: GetMonitoringReport) -> Payload:
    """``request_id`` has been chosen by now."""
    payload: dict[str, Any] = {"requestId": command.request_id}
    if command.monitoring_criteria:
        payload["monitoringCriteria"] = [criterion.value for criterion in command.monitoring_criteria]
    if command.component_variables:
        payload["componentVariable"] = fields.component_variables(command.component_variables)
    return payload


def decode(payload: Payload) -> Outcome:
    """With EmptyResultSet no part will come (N02.FR.10)."""
    return fields.outcome(payload)
