"""InstallCertificate (OCPP 1.6 security whitepaper, section 5.11): have the station trust a root."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.certificates import InstallCertificate
from stations.commands.outcome import Outcome


def encode(command: InstallCertificate) -> Payload:
    return {
        "certificateType": fields.certificate_use(command.certificate_type.value),
        "certificate": command.certificate,
    }


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
