"""SetChargingProfile (OCPP 1.6, section 5.16): limit charging over time."""

from gateway.adapter import Payload
from gateway.ocpp16 import charging_profiles, fields
from stations.commands.charging_profiles import SetChargingProfile
from stations.commands.outcome import Outcome


def encode(command: SetChargingProfile) -> Payload:
    """The profile's id, and the transaction of a TxProfile, have been found by now."""
    return {
        "connectorId": command.evse_id,
        "csChargingProfiles": charging_profiles.encode(command.charging_profile),
    }


def decode(payload: Payload) -> Outcome:
    """NotSupported: the station knows no smart charging."""
    return fields.outcome(payload)
