"""GetVariables (OCPP 2.0.1, use case B06): read variables of the device model."""

from typing import Any

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from stations.commands import variable_answers
from stations.commands.configuration import GetConfig, VariableName
from stations.commands.outcome import Outcome


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
