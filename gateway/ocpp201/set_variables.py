"""SetVariables (OCPP 2.0.1, use case B05): set variables of the device model."""

from collections.abc import Sequence
from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.packing import limits_of, packed
from stations.commands import variable_answers
from stations.commands.configuration import SetConfig, VariableSetting
from stations.commands.outcome import Outcome
from stations.models import Station

ACTION = "SetVariables"


def split(command: SetConfig, station: Station) -> Sequence[SetConfig]:
    """No more variables in a message than the station takes (B05.FR.11)."""
    messages = packed(
        command.variables,
        limits_of(station, ACTION),
        action=ACTION,
        encode=lambda settings: encode(SetConfig(variables=tuple(settings))),
    )
    return [SetConfig(variables=tuple(settings)) for settings in messages]


def join(_command: SetConfig, outcomes: Sequence[Outcome]) -> Outcome:
    return variable_answers.written_together(outcomes)


def encode(command: SetConfig) -> Payload:
    return {"setVariableData": [_wanted(setting) for setting in command.variables]}


def _wanted(setting: VariableSetting) -> Payload:
    wanted: dict[str, Any] = {**fields.component_variable(setting), "attributeValue": setting.value}
    if setting.attribute != "Actual":
        wanted["attributeType"] = setting.attribute
    return wanted


def decode(payload: Payload) -> Outcome:
    """RebootRequired: set, and in force from the next reboot on."""
    return variable_answers.written(
        [fields.variable_answer(element) for element in payload["setVariableResult"]]
    )
