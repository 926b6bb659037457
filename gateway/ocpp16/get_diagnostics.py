"""GetDiagnostics (OCPP 1.6, section 5.9): upload diagnostics.

The security log, and diagnostics where that is asked for, are GetLog's, of the security whitepaper. Fewer
stations know it.
"""

from typing import Literal

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp16 import get_log
from gateway.payloads import given, outcome_file
from stations.commands.logs import GetLog, LogType
from stations.commands.outcome import Outcome
from stations.models import CommandState


def action(command: GetLog) -> Literal["GetDiagnostics", "GetLog"]:
    """Which of the two says ``command``."""
    extended = command.security_extension or command.log_type == LogType.SECURITY
    return "GetLog" if extended else "GetDiagnostics"


def encode(command: GetLog) -> Payload:
    if action(command) == "GetLog":
        return get_log.encode(command)
    return given(
        location=command.remote_location,
        retries=command.retries,
        retryInterval=command.retry_interval,
        startTime=clock.iso(command.oldest_timestamp),
        stopTime=clock.iso(command.latest_timestamp),
    )


def decode(payload: Payload) -> Outcome:
    """A station that names no file has no diagnostics to upload (section 6.26): 2.0.1's Rejected."""
    if "status" in payload:
        return get_log.decode(payload)
    name = outcome_file(payload, "fileName")
    if name is None:
        return Outcome(state=CommandState.REJECTED, status="Rejected")
    return Outcome(state=CommandState.ACCEPTED, status="Accepted", detail={"filename": name})
