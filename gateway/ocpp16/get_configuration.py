"""GetConfiguration (OCPP 1.6, section 5.8): read configuration keys."""

from collections.abc import Sequence

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from gateway.packing import limits_of, packed
from stations import configuration_keys
from stations.commands import variable_answers
from stations.commands.configuration import GetConfig
from stations.commands.outcome import Outcome
from stations.commands.variable_answers import VariableAnswer
from stations.models import Station

ACTION = "GetConfiguration"


def split(command: GetConfig, station: Station) -> Sequence[GetConfig]:
    """No more keys in a message than the station takes (GetConfigurationMaxKeys, section 9.1.6)."""
    # The key stands where 2.0.1 has the limit of its own message.
    limits = limits_of(station, ACTION)
    messages = packed(
        command.variables,
        limits,
        action=ACTION,
        encode=lambda names: encode(GetConfig(variables=tuple(names))),
    )
    return [GetConfig(variables=tuple(names)) for names in messages]


def join(_command: GetConfig, outcomes: Sequence[Outcome]) -> Outcome:
    return variable_answers.read_together(outcomes)


def encode(command: GetConfig) -> Payload:
    """Without keys a station tells all that it has."""
    return {"key": [fields.key(name) for name in command.variables]} if command.variables else {}


def decode(payload: Payload) -> Outcome:
    """A key without a value is write-only, or set to nothing: stations differ."""
    known = [
        _answer(
            element["key"],
            status=variable_answers.ACCEPTED,
            value=element.get("value"),
            mutability="ReadOnly" if element["readonly"] else "ReadWrite",
        )
        for element in payload.get("configurationKey", ())
    ]
    unknown = [_answer(key, status="UnknownVariable") for key in payload.get("unknownKey", ())]
    return variable_answers.read(known + unknown)


def _answer(
    key: str, *, status: str, value: str | None = None, mutability: str | None = None
) -> VariableAnswer:
    place = configuration_keys.place(key)
    return VariableAnswer(
        component=place.component,
        variable=place.variable,
        variable_instance=place.instance,
        key=key,
        status=status,
        value=value,
        mutability=mutability,
    )
