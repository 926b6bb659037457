"""CertificateSigned (OCPP 2.0.1, use cases A02 and A03): the chain that was signed for the station's key."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.certificates import CertificateSigned
from stations.commands.outcome import Outcome


def encode(command: CertificateSigned) -> Payload:
    payload = {"certificateChain": command.certificate_chain}
    if command.certificate_type is not None:
        payload["certificateType"] = command.certificate_type.value
    return payload


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
