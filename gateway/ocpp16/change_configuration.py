"""ChangeConfiguration (OCPP 1.6, section 5.3): set a configuration key."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.configuration import SetConfig
from stations.commands.outcome import Outcome

# ConfigurationStatus → SetVariableStatusEnumType, where they differ.
STATUSES = {"NotSupported": "UnknownVariable"}


def encode(command: SetConfig) -> Payload:
    if len(command.variables) != 1:
        raise CommandUnsupported("OCPP 1.6 sets one key at a time: make it a command each")
    (setting,) = command.variables
    return {"key": fields.key(setting), "value": setting.value}


def decode(payload: Payload) -> Outcome:
    """RebootRequired: set, and in force from the next reboot on."""
    return fields.outcome({"status": STATUSES.get(payload["status"], payload["status"])})
