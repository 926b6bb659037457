"""GetBaseReport (OCPP 2.0.1, use case B07): report on the device model; NotifyReport brings it, in parts."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.configuration import GetBaseReport
from stations.commands.outcome import Outcome


def encode(command: GetBaseReport) -> Payload:
    """``request_id`` has been chosen by now."""
    return {"requestId": command.request_id, "reportBase": command.report_base.value}


def decode(payload: Payload) -> Outcome:
    """With EmptyResultSet no part will come."""
    return fields.outcome(payload)
