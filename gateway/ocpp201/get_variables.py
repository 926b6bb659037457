"""GetVariables (OCPP 2.0.1, use case B06): read variables of the device model."""

from collections.abc import Sequence
from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from gateway.packing import limits_of, packed
from stations.commands import variable_answers
from stations.commands.configuration import GetConfig, VariableName
from stations.commands.outcome import Outcome
from stations.models import Station

ACTION = "GetVariables"


def split(command: GetConfig, station: Station) -> Sequence[GetConfig]:
    """No more variables in a message than the station takes (B06.FR.05)."""
    messages = packed(
        command.variables,
        limits_of(station, ACTION),
        action=ACTION,
        encode=lambda names: encode(GetConfig(variables=tuple(names))),
    )
    return [GetConfig(variables=tuple(names)) for names in messages]


def join(_command: GetConfig, outcomes: Sequence[Outcome]) -> Outcome:
    return variable_answers.read_together(outcomes)


def encode(command: GetConfig) -> Payload:
    if not command.variables:
        raise CommandUnsupported("OCPP 2.0.1 reads variables by name; get_base_report reports them all")
    return {"getVariableData": [_wanted(name) for name in command.variables]}


def _wanted(name: VariableName) -> Payload:
    wanted: dict[str, Any] = fields.component_variable(name)
    if name.attribute != "Actual":
        wanted["attributeType"] = name.attribute
    return wanted


def decode(payload: Payload) -> Outcome:
    return variable_answers.read(
        [
            fields.variable_answer(element, value=element.get("attributeValue"))
            for element in payload["getVariableResult"]
        ]
    )
