"""ChangeConfiguration (OCPP 1.6, section 5.3): set a configuration key."""

from collections.abc import Sequence

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands import variable_answers
from stations.commands.configuration import SetConfig
from stations.commands.outcome import Outcome
from stations.models import Station
from stations.services.device_model import configuration

# ConfigurationStatus → SetVariableStatusEnumType, where they differ.
STATUSES = {"NotSupported": "UnknownVariable"}


def split(command: SetConfig, _station: Station) -> Sequence[SetConfig]:
    """One key a message."""
    return _one_each(command)


def _one_each(command: SetConfig) -> Sequence[SetConfig]:
    return [SetConfig(variables=(setting,)) for setting in command.variables]


def join(command: SetConfig, outcomes: Sequence[Outcome]) -> Outcome:
    """1.6 answers with one word, and doesn't name what it set."""
    answered = zip(_one_each(command), outcomes, strict=False)
    return variable_answers.written_together(
        [configuration.by_setting(piece, outcome) for piece, outcome in answered]
    )


def encode(command: SetConfig) -> Payload:
    """A command with one setting."""
    (setting,) = command.variables
    return {"key": fields.key(setting), "value": setting.value}


def decode(payload: Payload) -> Outcome:
    """RebootRequired: set, and in force from the next reboot on."""
    return fields.outcome({"status": STATUSES.get(payload["status"], payload["status"])})
