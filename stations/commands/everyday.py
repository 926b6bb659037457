"""Commands of every day, in OCPP 2.0.1's terms; an adapter says which of it its version can say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stations.commands.entry import Entry
from stations.commands.fields import ConnectorId, EvseId, check_place


class ResetType(StrEnum):
    """ResetEnumType. Source: OCPP 2.0.1 part 2, section 3.67."""

    IMMEDIATE = "Immediate"
    ON_IDLE = "OnIdle"


@dataclass(frozen=True, kw_only=True)
class Reset:
    """Restart the station, or one EVSE of it.

    ``hard`` cuts the power (1.6 Hard); 2.0.1 knows only one way, and can't say it.
    """

    type: ResetType = ResetType.IMMEDIATE
    evse_id: EvseId | None = None
    hard: bool = False


class OperationalStatus(StrEnum):
    """OperationalStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.57."""

    OPERATIVE = "Operative"
    INOPERATIVE = "Inoperative"


@dataclass(frozen=True, kw_only=True)
class SetAvailability:
    """Take the station, an EVSE or a connector in or out of service."""

    operational_status: OperationalStatus
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None


class Trigger(StrEnum):
    """What a station may be asked to send now.

    Source: OCPP 2.0.1 part 2, section 3.53; OCPP 1.6 section 7.32; security whitepaper, section 6.16.
    """

    BOOT_NOTIFICATION = "BootNotification"
    LOG_STATUS = "LogStatusNotification"
    FIRMWARE_STATUS = "FirmwareStatusNotification"
    HEARTBEAT = "Heartbeat"
    METER_VALUES = "MeterValues"
    SIGN_CHARGING_STATION_CERTIFICATE = "SignChargingStationCertificate"
    SIGN_V2G_CERTIFICATE = "SignV2GCertificate"
    STATUS = "StatusNotification"
    TRANSACTION_EVENT = "TransactionEvent"
    SIGN_COMBINED_CERTIFICATE = "SignCombinedCertificate"
    PUBLISH_FIRMWARE_STATUS = "PublishFirmwareStatusNotification"
    DIAGNOSTICS_STATUS = "DiagnosticsStatusNotification"


# Triggers that are not named for the message that comes.
MESSAGES: Mapping[Trigger, str] = {
    Trigger.SIGN_CHARGING_STATION_CERTIFICATE: "SignCertificate",
    Trigger.SIGN_COMBINED_CERTIFICATE: "SignCertificate",
    Trigger.SIGN_V2G_CERTIFICATE: "SignCertificate",
}


# What 1.6 sends instead when its security extension asks (whitepaper, section 6.16).
SIGNED_MESSAGES: Mapping[Trigger, str] = {Trigger.FIRMWARE_STATUS: "SignedFirmwareStatusNotification"}


@dataclass(frozen=True, kw_only=True)
class TriggerMessage:
    """Ask the station to send a message of its own now.

    ``security_extension`` has 1.6 say it by ExtendedTriggerMessage, also where TriggerMessage would do: only
    so a station tells of a signed firmware update. 2.0.1 has one message for all.
    """

    requested_message: Trigger
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    security_extension: bool = False


@dataclass(frozen=True, kw_only=True)
class ClearCache:
    """Forget the tokens that the station remembers."""


@dataclass(frozen=True, kw_only=True)
class Unlock:
    """Let go of a plug. 1.6 counts its plugs through, so EVSE n is its connector n."""

    evse_id: EvseId
    connector_id: ConnectorId = 1


ENTRIES = (
    Entry(
        command="reset",
        kind=Reset,
        description="Restart the station, at once or when it is idle, or one EVSE of it.",
        example={"type": "Immediate"},
        effect="Ends the sessions that run.",
    ),
    Entry(
        command="unlock",
        kind=Unlock,
        description="Let go of a plug.",
        example={"evse_id": 1, "connector_id": 1},
        effect="Ends the session of that connector.",
    ),
    Entry(
        command="set_availability",
        kind=SetAvailability,
        description="Take the station, an EVSE or a connector in or out of service.",
        example={"operational_status": "Operative"},
        effect="Inoperative: nobody can charge there until it is operative again.",
        check=check_place,
    ),
    Entry(
        command="trigger_message",
        kind=TriggerMessage,
        description="Ask the station to send a message of its own now.",
        example={"requested_message": "Heartbeat"},
        check=check_place,
    ),
    Entry(
        command="clear_cache",
        kind=ClearCache,
        description="Forget the tokens that the station remembers.",
        effect="Drivers wait for our answer until their tokens are known again.",
    ),
)
