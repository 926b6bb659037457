"""PublishFirmware (OCPP 2.0.1, use case L03): a local controller offers firmware to its stations."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.payloads import given
from stations.commands.firmware import PublishFirmware
from stations.commands.outcome import Outcome


def encode(command: PublishFirmware) -> Payload:
    return given(
        location=command.location,
        checksum=command.checksum,
        requestId=command.request_id,
        retries=command.retries,
        retryInterval=command.retry_interval,
    )


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
