"""GetLog (OCPP 2.0.1, use case N01): upload diagnostics, or the security log."""

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.payloads import given, outcome_file
from stations.commands.logs import GetLog
from stations.commands.outcome import Outcome


def encode(command: GetLog) -> Payload:
    return given(
        logType=command.log_type.value,
        requestId=command.request_id,
        retries=command.retries,
        retryInterval=command.retry_interval,
        log=given(
            remoteLocation=command.remote_location,
            oldestTimestamp=clock.iso(command.oldest_timestamp),
            latestTimestamp=clock.iso(command.latest_timestamp),
        ),
    )


def decode(payload: Payload) -> Outcome:
    """AcceptedCanceled: an older upload was given up for this one (N01.FR.12)."""
    return fields.outcome(payload, filename=outcome_file(payload, "filename"))
