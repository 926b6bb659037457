"""UnpublishFirmware (OCPP 2.0.1, use case L04): a local controller offers firmware no longer."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.payloads import given
from stations.commands.firmware import UnpublishFirmware
from stations.commands.outcome import Outcome


def encode(command: UnpublishFirmware) -> Payload:
    return given(checksum=command.checksum)


def decode(payload: Payload) -> Outcome:
    """DownloadOngoing and NoFirmware change nothing (L04.FR.03, L04.FR.04)."""
    return fields.outcome(payload)
