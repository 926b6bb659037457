"""SetMonitoringLevel (OCPP 2.0.1, use case N05): only be told by monitors of a severity, or a worse one."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.monitoring import SetMonitoringLevel
from stations.commands.outcome import Outcome


def encode(command: SetMonitoringLevel) -> Payload:
    return {"severity": command.severity}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
