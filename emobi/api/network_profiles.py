"""`/stations/{identity}/network-profiles`: how a station reaches its central system, slot by slot."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Time
from stations import network_profiles, selectors
from stations.network_profiles import Slot

of_station = Router(tags=["stations"])


class NetworkProfileOut(BaseModel):
    """What a station accepted for a slot. Passwords, keys and PINs are `***`: they aren't kept."""

    ocpp_csms_url: str = Field(description="Without the station's identity.")
    security_profile: int
    ocpp_interface: str
    ocpp_version: str = Field(description="`OCPP20` means 2.0.1, too.")
    ocpp_transport: str
    message_timeout: int = Field(description="In seconds.")
    apn: dict[str, Any] | None = Field(description="As the command `set_network_profile` has it.")
    vpn: dict[str, Any] | None = Field(description="As the command `set_network_profile` has it.")
    accepted_at: Time


class SlotOut(BaseModel):
    """A slot of a station."""

    configuration_slot: int
    priority: int | None = Field(
        description="Its place in `NetworkConfigurationPriority`, from 1; null: not in there, or not known."
    )
    after_reboot: bool = Field(description="That order is in force only after a reboot.")
    active: bool | None = Field(description="By `ActiveNetworkProfile`; null: the station doesn't say.")
    profile: NetworkProfileOut | None = Field(description="null: it accepted none from us.")


def shown(slot: Slot) -> dict[str, Any]:
    """A slot as the API shows it."""
    profile = slot.profile
    return {
        "configuration_slot": slot.number,
        "priority": slot.priority,
        "after_reboot": slot.after_reboot,
        "active": slot.active,
        "profile": profile
        and {
            "ocpp_csms_url": profile.ocpp_csms_url,
            "security_profile": profile.security_profile,
            "ocpp_interface": profile.ocpp_interface,
            "ocpp_version": profile.ocpp_version,
            "ocpp_transport": profile.ocpp_transport,
            "message_timeout": profile.message_timeout_s,
            "apn": profile.apn,
            "vpn": profile.vpn,
            "accepted_at": profile.accepted_at,
        },
    }


@of_station.get(
    "/{segment:identity}/network-profiles",
    response=paging.Page[SlotOut],
    summary="How a station reaches its central system, slot by slot",
)
def list_network_profiles(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """OCPP 2.0.1 only. No message reads a slot back: it has what the station accepted from us.

    Order and slot in use are as the station told them last.
    """
    station = selectors.station(auth.network_of(request), identity)
    after = paging.decode_number(cursor)
    found = [slot for slot in network_profiles.slots(station) if after is None or slot.number > after]
    items = found[:limit]
    return {
        "items": [shown(slot) for slot in items],
        "next": paging.encode(items[-1].number) if len(found) > limit else None,
    }
