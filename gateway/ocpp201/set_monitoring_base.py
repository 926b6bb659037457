"""SetMonitoringBase (OCPP 2.0.1, use case N03): go back to a set of monitors that the maker provides."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.monitoring import SetMonitoringBase
from stations.commands.outcome import Outcome


def encode(command: SetMonitoringBase) -> Payload:
    return {"monitoringBase": command.monitoring_base.value}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
