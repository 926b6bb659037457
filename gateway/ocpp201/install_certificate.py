"""InstallCertificate (OCPP 2.0.1, use case M05): have the station trust a root."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.certificates import InstallCertificate
from stations.commands.outcome import Outcome


def encode(command: InstallCertificate) -> Payload:
    return {"certificateType": command.certificate_type.value, "certificate": command.certificate}


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
