"""CustomerInformation (OCPP 2.0.1, use cases N09 and N10): what a station knows of a customer."""

from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields, token_fields
from stations.commands.customers import CustomerCertificate, CustomerInformation
from stations.commands.outcome import Outcome


def encode(command: CustomerInformation) -> Payload:
    """``request_id`` has been chosen by now."""
    payload: dict[str, Any] = {
        "requestId": command.request_id,
        "report": command.report,
        "clear": command.clear,
    }
    if command.id_token is not None:
        payload["idToken"] = token_fields.id_token(
            command.id_token, command.id_token_type, command.additional_info
        )
    if command.customer_certificate is not None:
        payload["customerCertificate"] = _certificate(command.customer_certificate)
    if command.customer_identifier is not None:
        payload["customerIdentifier"] = command.customer_identifier
    return payload


def _certificate(named: CustomerCertificate) -> Payload:
    return {
        "hashAlgorithm": named.hash_algorithm,
        "issuerNameHash": named.issuer_name_hash,
        "issuerKeyHash": named.issuer_key_hash,
        "serialNumber": named.serial_number,
    }


def decode(payload: Payload) -> Outcome:
    """Accepted: NotifyCustomerInformation will tell, if only that nothing was found (N09.FR.06)."""
    return fields.outcome(payload)
