"""The device model of one 2.0.1 station: reading, writing and reporting its variables.

Source: OCPP 2.0.1 part 2, B05 to B08.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from emobi.simulator import times
from emobi.simulator.frames import Payload
from emobi.simulator.ocpp201 import speech
from emobi.simulator.ocpp201.variables import (
    READ_ONLY,
    WRITE_ONLY,
    Key,
    Variable,
    key_of,
    variables_of,
)
from emobi.simulator.settings import Setting, Settings

if TYPE_CHECKING:
    from emobi.simulator.station import Station

PLACES = {
    Setting.HEARTBEAT_INTERVAL_S: ("OCPPCommCtrlr", "HeartbeatInterval", None),
    Setting.PING_INTERVAL_S: ("OCPPCommCtrlr", "WebSocketPingInterval", None),
    Setting.SAMPLE_INTERVAL_S: ("SampledDataCtrlr", "TxUpdatedInterval", None),
    Setting.ALIGNED_INTERVAL_S: ("AlignedDataCtrlr", "Interval", None),
    Setting.STARTED_MEASURANDS: ("SampledDataCtrlr", "TxStartedMeasurands", None),
    Setting.SAMPLED_MEASURANDS: ("SampledDataCtrlr", "TxUpdatedMeasurands", None),
    Setting.ENDED_MEASURANDS: ("SampledDataCtrlr", "TxEndedMeasurands", None),
    Setting.ALIGNED_MEASURANDS: ("AlignedDataCtrlr", "Measurands", None),
    Setting.CONNECTION_TIMEOUT_S: ("TxCtrlr", "EVConnectionTimeOut", None),
    Setting.MESSAGE_ATTEMPTS: ("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
    Setting.MESSAGE_RETRY_S: ("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
    Setting.AUTHORIZE_REMOTE_START: ("AuthCtrlr", "AuthorizeRemoteStart", None),
    Setting.AUTHORIZE_OFFLINE_LOCALLY: ("AuthCtrlr", "LocalAuthorizeOffline", None),
    Setting.AUTHORIZE_OFFLINE_UNKNOWN: ("AuthCtrlr", "OfflineTxForUnknownIdEnabled", None),
    Setting.AUTHORIZE_LOCALLY_FIRST: ("AuthCtrlr", "LocalPreAuthorize", None),
    Setting.STOP_ON_INVALID_TOKEN: ("TxCtrlr", "StopTxOnInvalidId", None),
    Setting.OFFLINE_THRESHOLD_S: ("OCPPCommCtrlr", "OfflineThreshold", None),
    Setting.BACKOFF_WAIT_MINIMUM_S: ("OCPPCommCtrlr", "RetryBackOffWaitMinimum", None),
    Setting.BACKOFF_RANDOM_RANGE_S: ("OCPPCommCtrlr", "RetryBackOffRandomRange", None),
    Setting.BACKOFF_REPEAT_TIMES: ("OCPPCommCtrlr", "RetryBackOffRepeatTimes", None),
}

# What is asked of the station whenever it is read.
LIVE: Mapping[tuple[str, str], Callable[["Station", int], str]] = {
    ("ChargingStation", "AvailabilityState"): lambda station, _: speech.station_state(station),
    ("ChargingStation", "FirmwareVersion"): lambda station, _: station.firmware_version,
    ("ChargingStation", "Model"): lambda station, _: station.plan.model,
    ("ChargingStation", "Problem"): lambda station, _: _truth(station.fault is not None),
    ("ChargingStation", "SerialNumber"): lambda station, _: station.plan.serial_number,
    ("ChargingStation", "VendorName"): lambda station, _: station.plan.vendor,
    ("ClockCtrlr", "DateTime"): lambda station, _: times.written(station.now()),
    ("Connector", "AvailabilityState"): speech.state,
    ("Connector", "Problem"): lambda station, evse_id: _truth(station.evse(evse_id).fault is not None),
    ("DisplayMessageCtrlr", "DisplayMessages"): lambda station, _: _count_of_messages(station),
    ("EVSE", "AvailabilityState"): speech.state,
    ("EVSE", "Power"): lambda station, evse_id: str(round(station.evse(evse_id).draw.power_w)),
    ("EVSE", "Problem"): lambda station, evse_id: _truth(station.evse(evse_id).fault is not None),
    ("LocalAuthListCtrlr", "Entries"): lambda station, _: str(station.tokens.listed_count),
    ("SecurityCtrlr", "CertificateEntries"): lambda station, _: str(len(station.certificates)),
    ("SecurityCtrlr", "Identity"): lambda station, _: station.plan.identity,
    ("SecurityCtrlr", "OrganizationName"): lambda station, _: station.plan.operator,
    ("SecurityCtrlr", "SecurityProfile"): lambda station, _: str(station.plan.security_profile),
    ("SmartChargingCtrlr", "Entries"): lambda station, _: str(len(station.profiles)),
}


class DeviceModel(Settings):
    """The variables of one station.

    Attributes:
        monitors: SetVariableMonitoring's data by the id given to it. They are kept and reported; none fires.
        network_urls: By configuration slot; the first slot is where the station was set up.
        display_messages: MessageInfoType by id.
    """

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._variables = {variable.key: variable for variable in variables_of(station.plan)}
        self._changed: dict[Key, str] = {}
        self.monitors: dict[int, Payload] = {}
        self.network_urls = {1: station.lifeline.access.url}
        self.display_messages: dict[int, Payload] = {}
        backoff = station.plan.backoff
        self.write(Setting.BACKOFF_WAIT_MINIMUM_S, str(backoff.wait_minimum_s))
        self.write(Setting.BACKOFF_RANDOM_RANGE_S, str(backoff.random_range_s))
        self.write(Setting.BACKOFF_REPEAT_TIMES, str(backoff.repeat_times))
        for name, value in station.plan.settings.items():
            self._set_up(name, value)

    def read(self, setting: Setting) -> str:
        return self.value_of(self._variables[_key(setting)])

    def write(self, setting: Setting, value: str) -> None:
        self._changed[_key(setting)] = value

    def value_of(self, variable: Variable) -> str:
        live = LIVE.get((variable.component, variable.name))
        if live is not None:
            return live(self._station, variable.evse_id or 0)
        return self._changed.get(variable.key, variable.value)

    def find(self, component: Payload, variable: Payload) -> Variable | str:
        """The variable, or the attributeStatus that says what is unknown about it."""
        evse = component.get("evse", {})
        place = component["name"], evse.get("id"), evse.get("connectorId")
        found = self._variables.get(key_of(*place, variable["name"], variable.get("instance")))
        if found is not None and not component.get("instance"):
            return found
        name = key_of(*place, "", None)[:3]
        known = any(key[:3] == name for key in self._variables) and not component.get("instance")
        return "UnknownVariable" if known else "UnknownComponent"

    def get(self, component: Payload, variable: Payload, attribute: str) -> tuple[str, str | None]:
        """(attributeStatus, attributeValue) of GetVariables."""
        found = self.find(component, variable)
        if isinstance(found, str):
            return found, None
        if attribute != "Actual":
            return "NotSupportedAttributeType", None
        if found.mutability == WRITE_ONLY:
            return "Rejected", None
        return "Accepted", self.value_of(found)

    def set(self, component: Payload, variable: Payload, attribute: str, value: str) -> str:
        """Apply one element of SetVariables and return its attributeStatus."""
        found = self.find(component, variable)
        if isinstance(found, str):
            return found
        if attribute != "Actual":
            return "NotSupportedAttributeType"
        if found.mutability == READ_ONLY or not accepts(found, value) or not self._is_usable(found, value):
            return "Rejected"
        self._changed[found.key] = value
        return "RebootRequired" if found.reboot else "Accepted"

    def report(self, wanted: Callable[[Variable], bool]) -> list[Payload]:
        """ReportDataType of each variable that is wanted."""
        return [self._entry(variable) for variable in self._variables.values() if wanted(variable)]

    def has(self, variable: Variable, name: str, value: str) -> bool | None:
        """Whether the component of ``variable`` has ``name`` at ``value``; None without such a variable."""
        key = key_of(variable.component, variable.evse_id, variable.connector_id, name, None)
        found = self._variables.get(key)
        return None if found is None else self.value_of(found) == value

    def _is_usable(self, variable: Variable, value: str) -> bool:
        """A network profile must have been set before it gets a priority (B10.FR.02)."""
        if variable.name != "NetworkConfigurationPriority":
            return True
        return bool(value) and all(int(slot) in self.network_urls for slot in value.split(","))

    def _set_up(self, name: str, value: str) -> None:
        component, variable, *instance = name.split(".")
        key = key_of(component, None, None, variable, instance[0] if instance else None)
        if key not in self._variables:
            raise ValueError(f"no variable of 2.0.1: {name}")
        self._changed[key] = value

    def _entry(self, variable: Variable) -> Payload:
        attribute: Payload = {"type": "Actual", "mutability": variable.mutability, "persistent": True}
        if variable.mutability != WRITE_ONLY:
            attribute["value"] = self.value_of(variable)
        characteristics: Payload = {"dataType": variable.data_type, "supportsMonitoring": False}
        for name, value in (
            ("unit", variable.unit),
            ("valuesList", variable.allowed),
            ("minLimit", variable.minimum),
            ("maxLimit", variable.maximum),
        ):
            if value is not None:
                characteristics[name] = value
        return {
            "component": component_of(variable),
            "variable": _named(variable.name, variable.instance),
            "variableAttribute": [attribute],
            "variableCharacteristics": characteristics,
        }


def component_of(variable: Variable) -> Payload:
    component: Payload = {"name": variable.component}
    if variable.evse_id is not None:
        component["evse"] = {"id": variable.evse_id}
        if variable.connector_id is not None:
            component["evse"]["connectorId"] = variable.connector_id
    return component


def accepts(variable: Variable, value: str) -> bool:
    """Whether the value fits the variable's type, list and limits (B05.FR.07 and .08)."""
    match variable.data_type:
        case "boolean":
            return value in {"true", "false"}
        case "integer":
            return value.lstrip("-").isdecimal() and len(value) <= 10 and _within(variable, int(value))
        case "MemberList" | "SequenceList":
            return _listed(variable, value)
    if variable.name == "BasicAuthPassword":
        return 16 <= len(value) <= 40
    return True


def _within(variable: Variable, value: float) -> bool:
    above = variable.minimum is None or value >= variable.minimum
    return above and (variable.maximum is None or value <= variable.maximum)


def _listed(variable: Variable, value: str) -> bool:
    allowed = (variable.allowed or "").split(",")
    return not value or all(word.strip() in allowed for word in value.split(","))


def _named(name: str, instance: str | None) -> Payload:
    return {"name": name} if instance is None else {"name": name, "instance": instance}


def _key(setting: Setting) -> Key:
    component, name, instance = PLACES[setting]
    return key_of(component, None, None, name, instance)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _count_of_messages(station: "Station") -> str:
    assert isinstance(station.settings, DeviceModel)
    return str(len(station.settings.display_messages))
