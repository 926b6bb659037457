"""The device model of a 2.0.1 station: its components and variables.

Source: OCPP 2.0.1 part 2, appendix 3 (components and variables). The table has what a station
without ISO 15118, displays or tariffs must have, and what has an effect here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from emobi.simulator.plan import EvsePlan, StationPlan
from emobi.simulator.readings import MEASURANDS

READ_ONLY, READ_WRITE, WRITE_ONLY = "ReadOnly", "ReadWrite", "WriteOnly"

STATES = "Available,Occupied,Reserved,Unavailable,Faulted"
DEFAULT_MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One variable of one component; only its attribute Actual exists.

    Attributes:
        value: The factory's; what is live is asked for when it is read.
        allowed: valuesList: of an OptionList one, of a MemberList or SequenceList some.
        reboot: A change takes effect after a reboot.
    """

    component: str
    name: str
    value: str = ""
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    mutability: str = READ_ONLY
    data_type: str = "string"
    unit: str | None = None
    allowed: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    reboot: bool = False

    @property
    def key(self) -> "Key":
        return key_of(self.component, self.evse_id, self.connector_id, self.name, self.instance)


# (component, EVSE, connector, variable, instance): names are compared without regard to case.
Key = tuple[str, int | None, int | None, str, str]


def key_of(
    component: str, evse_id: int | None, connector_id: int | None, name: str, instance: str | None
) -> Key:
    return component.casefold(), evse_id, connector_id, name.casefold(), (instance or "").casefold()


def variables_of(plan: StationPlan) -> Iterator[Variable]:
    yield from _of_station()
    yield from _of_hardware(plan.evses)


@cache
def _of_station() -> tuple[Variable, ...]:
    return tuple(_controllers())


@cache
def _of_hardware(evses: tuple[EvsePlan, ...]) -> tuple[Variable, ...]:
    """Shared by all stations of the same build: the values that differ are live."""
    return tuple(_hardware(evses))


def _flag(component: str, name: str, value: str, mutability: str = READ_ONLY) -> Variable:
    return Variable(component=component, name=name, value=value, mutability=mutability, data_type="boolean")


def _seconds(
    component: str, name: str, value: int, instance: str | None = None, minimum: int = 0
) -> Variable:
    return Variable(
        component=component,
        name=name,
        value=str(value),
        instance=instance,
        mutability=READ_WRITE,
        data_type="integer",
        unit="s",
        minimum=minimum,
    )


def _number(component: str, name: str, value: int, instance: str | None = None) -> Variable:
    return Variable(component=component, name=name, value=str(value), instance=instance, data_type="integer")


def _measurands(component: str, name: str) -> Variable:
    return Variable(
        component=component,
        name=name,
        value=DEFAULT_MEASURANDS,
        mutability=READ_WRITE,
        data_type="MemberList",
        allowed=",".join(MEASURANDS),
    )


def _fixed_list(component: str, name: str, value: str, allowed: str) -> Variable:
    return Variable(component=component, name=name, value=value, data_type="MemberList", allowed=allowed)


def _controllers() -> Iterator[Variable]:
    yield _seconds("AlignedDataCtrlr", "Interval", 0)
    yield _measurands("AlignedDataCtrlr", "Measurands")
    yield _flag("AuthCacheCtrlr", "Enabled", "true")
    yield _flag("AuthCtrlr", "AuthorizeRemoteStart", "false", READ_WRITE)
    yield _flag("AuthCtrlr", "LocalAuthorizeOffline", "true", READ_WRITE)
    yield _flag("AuthCtrlr", "LocalPreAuthorize", "false", READ_WRITE)
    yield _flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true", READ_WRITE)
    yield Variable(component="ClockCtrlr", name="DateTime", data_type="dateTime")
    yield Variable(component="ClockCtrlr", name="TimeSource", value="Heartbeat", data_type="SequenceList")
    yield _number("DeviceDataCtrlr", "BytesPerMessage", 65_536, "GetReport")
    yield _number("DeviceDataCtrlr", "BytesPerMessage", 65_536, "GetVariables")
    yield _number("DeviceDataCtrlr", "BytesPerMessage", 65_536, "SetVariables")
    yield _number("DeviceDataCtrlr", "ItemsPerMessage", 50, "GetReport")
    yield _number("DeviceDataCtrlr", "ItemsPerMessage", 50, "GetVariables")
    yield _number("DeviceDataCtrlr", "ItemsPerMessage", 50, "SetVariables")
    yield Variable(component="DisplayMessageCtrlr", name="DisplayMessages", data_type="integer", maximum=100)
    yield _fixed_list("DisplayMessageCtrlr", "SupportedFormats", "ASCII,UTF8", "ASCII,HTML,URI,UTF8")
    priorities = "AlwaysFront,InFront,NormalCycle"
    yield _fixed_list("DisplayMessageCtrlr", "SupportedPriorities", priorities, priorities)
    yield _number("LocalAuthListCtrlr", "BytesPerMessage", 65_536)
    yield Variable(component="LocalAuthListCtrlr", name="Entries", data_type="integer", maximum=1000)
    yield _number("LocalAuthListCtrlr", "ItemsPerMessage", 100)
    yield _flag("MonitoringCtrlr", "Enabled", "true")
    for action in ("SetVariableMonitoring", "ClearVariableMonitoring"):
        yield _number("MonitoringCtrlr", "BytesPerMessage", 65_536, action)
        yield _number("MonitoringCtrlr", "ItemsPerMessage", 20, action)
    yield from _communication()
    yield _flag("ReservationCtrlr", "Enabled", "true")
    yield _flag("ReservationCtrlr", "NonEvseSpecific", "true")
    yield _seconds("SampledDataCtrlr", "TxEndedInterval", 0)
    yield _measurands("SampledDataCtrlr", "TxEndedMeasurands")
    yield _measurands("SampledDataCtrlr", "TxStartedMeasurands")
    yield _seconds("SampledDataCtrlr", "TxUpdatedInterval", 60)
    yield _measurands("SampledDataCtrlr", "TxUpdatedMeasurands")
    yield Variable(component="SecurityCtrlr", name="BasicAuthPassword", mutability=WRITE_ONLY)
    yield Variable(component="SecurityCtrlr", name="CertificateEntries", data_type="integer", maximum=20)
    yield Variable(component="SecurityCtrlr", name="Identity")
    yield Variable(component="SecurityCtrlr", name="OrganizationName")
    yield Variable(component="SecurityCtrlr", name="SecurityProfile", data_type="integer")
    yield _flag("SmartChargingCtrlr", "Enabled", "true")
    yield Variable(
        component="SmartChargingCtrlr",
        name="Entries",
        instance="ChargingProfiles",
        data_type="integer",
        maximum=20,
    )
    yield Variable(
        component="SmartChargingCtrlr",
        name="LimitChangeSignificance",
        value="5",
        data_type="decimal",
        unit="Percent",
    )
    yield _number("SmartChargingCtrlr", "PeriodsPerSchedule", 24)
    yield _number("SmartChargingCtrlr", "ProfileStackLevel", 9)
    yield _fixed_list("SmartChargingCtrlr", "RateUnit", "A,W", "A,W")
    yield _seconds("TxCtrlr", "EVConnectionTimeOut", 60, minimum=1)
    yield _flag("TxCtrlr", "StopTxOnEVSideDisconnect", "true")
    yield _flag("TxCtrlr", "StopTxOnInvalidId", "true", READ_WRITE)
    points = "ParkingBayOccupancy,EVConnected,Authorized,DataSigned,PowerPathClosed,EnergyTransfer"
    yield _fixed_list("TxCtrlr", "TxStartPoint", "PowerPathClosed", points)
    yield _fixed_list("TxCtrlr", "TxStopPoint", "PowerPathClosed", points)


def _communication() -> Iterator[Variable]:
    name = "OCPPCommCtrlr"
    yield Variable(component=name, name="ActiveNetworkProfile", value="1")
    yield _fixed_list(name, "FileTransferProtocols", "HTTPS,HTTP,FTP,SFTP", "HTTP,HTTPS,FTP,FTPS,SFTP")
    yield _seconds(name, "HeartbeatInterval", 300, minimum=1)
    yield _seconds(name, "MessageAttemptInterval", 60, "TransactionEvent")
    yield Variable(
        component=name,
        name="MessageAttempts",
        instance="TransactionEvent",
        value="3",
        mutability=READ_WRITE,
        data_type="integer",
        minimum=1,
    )
    yield _number(name, "MessageTimeout", 30, "Default")
    yield Variable(
        component=name,
        name="NetworkConfigurationPriority",
        value="1",
        mutability=READ_WRITE,
        data_type="SequenceList",
        allowed="1,2",
        reboot=True,
    )
    yield _number(name, "NetworkProfileConnectionAttempts", 3)
    yield _seconds(name, "OfflineThreshold", 300)
    yield _number(name, "ResetRetries", 0)
    yield _seconds(name, "RetryBackOffRandomRange", 5)
    yield Variable(
        component=name,
        name="RetryBackOffRepeatTimes",
        value="4",
        mutability=READ_WRITE,
        data_type="integer",
        minimum=0,
        maximum=16,
    )
    yield _seconds(name, "RetryBackOffWaitMinimum", 5)
    yield _flag(name, "UnlockOnEVSideDisconnect", "true")
    yield _seconds(name, "WebSocketPingInterval", 0)


def _hardware(evses: tuple[EvsePlan, ...]) -> Iterator[Variable]:
    station = "ChargingStation"
    yield Variable(component=station, name="AvailabilityState", data_type="OptionList", allowed=STATES)
    yield _flag(station, "Available", "true")
    yield Variable(component=station, name="FirmwareVersion")
    yield Variable(component=station, name="Model")
    yield _flag(station, "Problem", "false")
    yield Variable(component=station, name="SerialNumber")
    yield _number(station, "SupplyPhases", 3)
    yield Variable(component=station, name="VendorName")
    for evse_id, plan in enumerate(evses, start=1):
        yield from _evse(evse_id, plan)


def _evse(evse_id: int, plan: EvsePlan) -> Iterator[Variable]:
    for component, connector_id in (("EVSE", None), ("Connector", 1)):
        yield Variable(
            component=component,
            name="AvailabilityState",
            evse_id=evse_id,
            connector_id=connector_id,
            data_type="OptionList",
            allowed=STATES,
        )
        for name, value in (("Available", "true"), ("Problem", "false")):
            yield Variable(
                component=component,
                name=name,
                value=value,
                evse_id=evse_id,
                connector_id=connector_id,
                data_type="boolean",
            )
        yield Variable(
            component=component,
            name="SupplyPhases",
            value=str(plan.phases),
            evse_id=evse_id,
            connector_id=connector_id,
            data_type="integer",
        )
    yield Variable(component="EVSE", name="AllowReset", value="true", evse_id=evse_id, data_type="boolean")
    yield Variable(
        component="EVSE", name="Power", evse_id=evse_id, data_type="decimal", unit="W", maximum=plan.max_w
    )
    yield Variable(
        component="Connector", name="ConnectorType", value=plan.connector, evse_id=evse_id, connector_id=1
    )
