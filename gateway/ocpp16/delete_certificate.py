"""DeleteCertificate (OCPP 1.6 security whitepaper, section 5.3): remove a certificate from the station."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.certificates import DeleteCertificate
from stations.commands.outcome import Outcome


def encode(command: DeleteCertificate) -> Payload:
    return {
        "certificateHashData": {
            "hashAlgorithm": command.hash_algorithm,
            "issuerNameHash": command.issuer_name_hash,
            "issuerKeyHash": command.issuer_key_hash,
            "serialNumber": command.serial_number,
        }
    }


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
