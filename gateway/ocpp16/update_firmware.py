"""UpdateFirmware (OCPP 1.6, section 5.19): fetch firmware, and install it.

What is signed is said by SignedUpdateFirmware, of the security whitepaper: a station that knows that one
refuses this (L01.FR.20).
"""

from typing import Literal

from emobi.core import clock
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import signed_update_firmware
from gateway.payloads import given
from stations.commands.firmware import UpdateFirmware
from stations.commands.outcome import Outcome
from stations.models import CommandState


def action(command: UpdateFirmware) -> Literal["UpdateFirmware", "SignedUpdateFirmware"]:
    """Which of the two says ``command``."""
    signed = command.signature is not None or command.signing_certificate is not None
    return "SignedUpdateFirmware" if signed else "UpdateFirmware"


def encode(command: UpdateFirmware) -> Payload:
    """A station decides by itself when it installs what isn't signed."""
    if action(command) == "SignedUpdateFirmware":
        return signed_update_firmware.encode(command)
    if command.install_date_time is not None:
        raise CommandUnsupported("OCPP 1.6 can't say when firmware is to be installed, unless it is signed")
    return given(
        location=command.location,
        retrieveDate=clock.iso(command.retrieve_date_time),
        retries=command.retries,
        retryInterval=command.retry_interval,
    )


def decode(payload: Payload) -> Outcome:
    """The answer has no words: that it came is all that it says."""
    if "status" in payload:
        return signed_update_firmware.decode(payload)
    return Outcome(state=CommandState.ACCEPTED, status="Accepted")
