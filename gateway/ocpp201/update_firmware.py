"""UpdateFirmware (OCPP 2.0.1, use cases L01 and L02): fetch firmware, signed or not, and install it."""

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.payloads import given
from stations.commands.firmware import UpdateFirmware
from stations.commands.outcome import Outcome


def encode(command: UpdateFirmware) -> Payload:
    """What is missing of a signature is the station's to find (L01, step 5)."""
    return given(
        requestId=command.request_id,
        retries=command.retries,
        retryInterval=command.retry_interval,
        firmware=given(
            location=command.location,
            retrieveDateTime=clock.iso(command.retrieve_date_time),
            installDateTime=clock.iso(command.install_date_time),
            signingCertificate=command.signing_certificate,
            signature=command.signature,
        ),
    )


def decode(payload: Payload) -> Outcome:
    """AcceptedCanceled: an older update was given up for this one."""
    return fields.outcome(payload)
