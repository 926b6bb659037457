"""A station is asked for all that it is made of, by itself, when it may have changed.

OCPP 2.0.1 wants a full report at the first contact and whenever the device model may be another (B07.FR.14).
1.6 has no such rule; its configuration is read at the same moments, so that whoever sets up a station finds
it the same in both versions.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emobi.core.models import Role
from stations.models import Station
from stations.services.commanding import commands

ASKER = "system:registration"

# A station that goes away right after its first boot is asked when it is back.
EXPIRES_IN_S = 86400

# What a station says of itself that its device model hangs on.
MADE_OF = ("vendor", "model", "firmware_version")

_READS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "1.6": ("get_config", {}),
        "2.0.1": ("get_base_report", {"report_base": "FullInventory"}),
    }
)


def is_another(station: Station, said: Mapping[str, object]) -> bool:
    """Whether a station that says so, by column, isn't made of what we know of it."""
    return any(getattr(station, name) != said.get(name, getattr(station, name)) for name in MADE_OF)


def ask(station: Station) -> None:
    """Queue the command that reads everything, in the words of the station's version."""
    name, params = _READS[station.ocpp_version]
    commands.request(
        station.network,
        station,
        name,
        params,
        requested_by=ASKER,
        role=Role.ADMIN,
        expires_in_s=EXPIRES_IN_S,
        reason="first boot, another model or other firmware",
    )
