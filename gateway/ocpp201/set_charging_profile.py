"""SetChargingProfile (OCPP 2.0.1, use case K01): limit charging over time."""

from gateway.adapter import Payload
from gateway.ocpp201 import charging_profiles, fields
from stations.commands.charging_profiles import SetChargingProfile
from stations.commands.outcome import Outcome


def encode(command: SetChargingProfile) -> Payload:
    """Ids, and the transaction of a TxProfile, have been found by now."""
    return {
        "evseId": command.evse_id,
        "chargingProfile": charging_profiles.encode(command.charging_profile),
    }


def decode(payload: Payload) -> Outcome:
    return fields.outcome(payload)
