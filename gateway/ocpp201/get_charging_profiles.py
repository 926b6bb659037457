"""GetChargingProfiles (OCPP 2.0.1, use case K09): which are installed; ReportChargingProfiles tells."""

import dataclasses

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.payloads import given
from stations.commands.charging_profiles import GetChargingProfiles
from stations.commands.outcome import Outcome
from stations.models import CommandState


def encode(command: GetChargingProfiles) -> Payload:
    """``request_id`` has been chosen by now."""
    purpose = command.charging_profile_purpose
    criterion = given(
        chargingProfilePurpose=purpose and purpose.value,
        stackLevel=command.stack_level,
        chargingProfileId=list(command.charging_profile_id) or None,
        chargingLimitSource=[source.value for source in command.charging_limit_source] or None,
    )
    return given(requestId=command.request_id, evseId=command.evse_id, chargingProfile=criterion)


def decode(payload: Payload) -> Outcome:
    """NoProfiles: none fits, and no part will come. That is an answer, too."""
    return dataclasses.replace(fields.outcome(payload), state=CommandState.ACCEPTED)
