"""SignedUpdateFirmware (OCPP 1.6 security whitepaper, section 5.21): fetch firmware that its maker signed."""

from emobi.core import clock
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from gateway.payloads import given
from stations.commands.firmware import UpdateFirmware
from stations.commands.outcome import Outcome


def encode(command: UpdateFirmware) -> Payload:
    """A station believes neither a signature nor a certificate alone (L01.FR.11, L01.FR.12)."""
    if command.signature is None or command.signing_certificate is None:
        raise CommandUnsupported("OCPP 1.6 needs the signing certificate and the signature, or neither")
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
    """Its words are 2.0.1's."""
    return fields.outcome(payload)
