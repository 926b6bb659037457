"""How stations were told to reach a central system (2.0.1): our copy of what they accepted."""

from dataclasses import asdict
from typing import Any

from emobi.core import clock, events
from stations import masking
from stations.commands.network_profiles import Apn, SetNetworkProfile, Vpn
from stations.commands.outcome import Outcome
from stations.models import CommandState, NetworkProfile, Station


def was_set(station: Station, asked: SetNetworkProfile, outcome: Outcome) -> None:
    """The station took a profile over, in place of the slot's last one (B09.FR.01). Idempotent."""
    if outcome.state != CommandState.ACCEPTED:
        return
    NetworkProfile.objects.update_or_create(
        station=station,
        configuration_slot=asked.configuration_slot,
        defaults={
            "ocpp_csms_url": masking.value(asked.ocpp_csms_url),
            "security_profile": asked.security_profile,
            "ocpp_interface": asked.ocpp_interface.value,
            "ocpp_version": asked.ocpp_version.value,
            "ocpp_transport": asked.ocpp_transport.value,
            "message_timeout_s": asked.message_timeout,
            "apn": _without_secrets(asked.apn),
            "vpn": _without_secrets(asked.vpn),
            "accepted_at": clock.now(),
        },
    )


def _without_secrets(found: Apn | Vpn | None) -> dict[str, Any] | None:
    return None if found is None else masking.value(events.plain(asdict(found)))
