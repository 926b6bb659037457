"""CertificateSigned (OCPP 1.6 security whitepaper, section 5.1): the chain signed for the station's key."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp16 import fields
from stations.commands.certificates import CertificateSigned, SigningUse
from stations.commands.outcome import Outcome


def encode(command: CertificateSigned) -> Payload:
    if command.certificate_type == SigningUse.V2G:
        raise CommandUnsupported("OCPP 1.6 signs the station's own certificate only, no V2G certificate")
    return {"certificateChain": command.certificate_chain}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
