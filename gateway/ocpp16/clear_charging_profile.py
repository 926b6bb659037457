"""ClearChargingProfile (OCPP 1.6, section 5.5): forget charging profiles."""

from gateway.adapter import Payload
from gateway.ocpp16 import charging_profiles, fields
from gateway.payloads import given
from stations.commands.charging_profiles import ClearChargingProfile
from stations.commands.outcome import Outcome


def encode(command: ClearChargingProfile) -> Payload:
    """Nothing named: all of them (errata 3.25)."""
    purpose = command.charging_profile_purpose
    return given(
        id=command.charging_profile_id,
        connectorId=command.evse_id,
        chargingProfilePurpose=None if purpose is None else charging_profiles.purpose(purpose),
        stackLevel=command.stack_level,
    )


def decode(payload: Payload) -> Outcome:
    """Unknown: nothing fits."""
    return fields.outcome(payload)
