"""ClearChargingProfile (OCPP 2.0.1, use case K10): forget charging profiles."""

from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.ocpp201 import fields
from gateway.payloads import given
from stations.commands.charging_profiles import ClearChargingProfile
from stations.commands.outcome import Outcome


def encode(command: ClearChargingProfile) -> Payload:
    purpose = command.charging_profile_purpose
    criteria = given(
        evseId=command.evse_id,
        chargingProfilePurpose=purpose and purpose.value,
        stackLevel=command.stack_level,
    )
    if not criteria and command.charging_profile_id is None:
        raise CommandUnsupported("OCPP 2.0.1 clears profiles by an id or by criteria, never all of them")
    return given(chargingProfileId=command.charging_profile_id, chargingProfileCriteria=criteria or None)


def decode(payload: Payload) -> Outcome:
    """Unknown: nothing fits."""
    return fields.outcome(payload)
