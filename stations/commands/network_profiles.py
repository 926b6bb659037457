"""Commands about how a station reaches its central system."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emobi.core.models import Role
from stations.commands.entry import Entry
from stations.commands.fields import Number


class OcppVersion(StrEnum):
    """OCPPVersionEnumType. OCPP20 means 2.0.1, too. Source: OCPP 2.0.1 part 2, section 3.62."""

    OCPP12 = "OCPP12"
    OCPP15 = "OCPP15"
    OCPP16 = "OCPP16"
    OCPP20 = "OCPP20"


class OcppTransport(StrEnum):
    """OCPPTransportEnumType. Source: OCPP 2.0.1 part 2, section 3.61."""

    JSON = "JSON"
    SOAP = "SOAP"


class OcppInterface(StrEnum):
    """OCPPInterfaceEnumType. Source: OCPP 2.0.1 part 2, section 3.60."""

    WIRED0 = "Wired0"
    WIRED1 = "Wired1"
    WIRED2 = "Wired2"
    WIRED3 = "Wired3"
    WIRELESS0 = "Wireless0"
    WIRELESS1 = "Wireless1"
    WIRELESS2 = "Wireless2"
    WIRELESS3 = "Wireless3"


class ApnAuthentication(StrEnum):
    """APNAuthenticationEnumType. Source: OCPP 2.0.1 part 2, section 3.1."""

    CHAP = "CHAP"
    NONE = "NONE"
    PAP = "PAP"
    AUTO = "AUTO"


class VpnType(StrEnum):
    """VPNEnumType. Source: OCPP 2.0.1 part 2, section 3.91."""

    IKEV2 = "IKEv2"
    IPSEC = "IPSec"
    L2TP = "L2TP"
    PPTP = "PPTP"


Short = Annotated[str, Field(max_length=20)]
Long = Annotated[str, Field(max_length=512)]


@dataclass(frozen=True, kw_only=True)
class Apn:
    """APNType: how to get into a mobile network."""

    apn: Long
    apn_authentication: ApnAuthentication
    apn_user_name: Short | None = None
    apn_password: Short | None = None
    sim_pin: Annotated[int, Field(ge=0, le=99_999_999)] | None = None
    preferred_network: Annotated[str, Field(max_length=6)] | None = None
    use_only_preferred_network: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Vpn:
    """VPNType: the tunnel to build before."""

    server: Long
    user: Short
    password: Short
    key: Annotated[str, Field(max_length=255)]
    type: VpnType
    group: Short | None = None


@dataclass(frozen=True, kw_only=True)
class SetNetworkProfile:
    """Fill a slot; the station uses it once NetworkConfigurationPriority names it and it has restarted.

    ``ocpp_csms_url`` comes without the station's identity, which it appends itself.
    """

    configuration_slot: Number
    ocpp_csms_url: Annotated[str, Field(pattern=r"^wss?://[^\s/]\S*$", max_length=512)]
    security_profile: Annotated[int, Field(ge=0, le=3)]
    ocpp_interface: OcppInterface = OcppInterface.WIRED0
    message_timeout: Annotated[int, Field(ge=1, le=86400)] = 30
    ocpp_version: OcppVersion = OcppVersion.OCPP20
    ocpp_transport: OcppTransport = OcppTransport.JSON
    apn: Apn | None = None
    vpn: Vpn | None = None


ENTRIES = (
    Entry(
        command="set_network_profile",
        kind=SetNetworkProfile,
        description="Tell the station another way to reach a central system, in one of its slots.",
        role=Role.ADMIN,
        versions=("2.0.1",),
        example={
            "configuration_slot": 2,
            "ocpp_csms_url": "wss://ocpp.example.org/ocpp/demo",
            "security_profile": 3,
            "ocpp_interface": "Wired0",
        },
        effect="In force once NetworkConfigurationPriority names the slot and the station restarts.",
    ),
)
