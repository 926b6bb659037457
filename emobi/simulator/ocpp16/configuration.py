"""The configuration keys of a 1.6 station.

Source: OCPP 1.6 section 9 and sections 5.3 and 5.8; security whitepaper edition 3, section 7.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emobi.simulator.readings import MEASURANDS
from emobi.simulator.settings import Setting, Settings

if TYPE_CHECKING:
    from emobi.simulator.station import Station

# What is measured without being asked for anything else (section 7.43).
DEFAULT_MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"

MAX_KEYS = 50


def _boolean(value: str) -> bool:
    return value.casefold() in {"true", "false"}


def _count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 9


def _positive(value: str) -> bool:
    return _count(value) and int(value) > 0


def _measurands(value: str) -> bool:
    return all(word.strip() in MEASURANDS for word in value.split(",")) if value else True


def _password(value: str) -> bool:
    """16 to 20 bytes in hex (security whitepaper, section 7.2)."""
    try:
        return 16 <= len(bytes.fromhex(value)) <= 20
    except ValueError:
        return False


def _text(value: str) -> bool:
    return len(value) <= 500


@dataclass(frozen=True, slots=True)
class Key:
    """One key; read-only without ``accepts``; never shown if ``secret``."""

    name: str
    value: str
    accepts: Callable[[str], bool] | None = None
    secret: bool = False


KEYS = {
    key.name: key
    for key in (
        Key("AllowOfflineTxForUnknownId", "true", _boolean),
        Key("AuthorizationCacheEnabled", "true"),
        Key("AuthorizationKey", "", _password, secret=True),
        Key("AuthorizeRemoteTxRequests", "false", _boolean),
        Key("ChargeProfileMaxStackLevel", "9"),
        Key("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
        Key("ChargingScheduleMaxPeriods", "24"),
        Key("ClockAlignedDataInterval", "0", _count),
        Key("ConnectionTimeOut", "60", _positive),
        Key("ConnectorPhaseRotation", "0.RST,1.RST", _text),
        Key("CpoName", ""),
        Key("GetConfigurationMaxKeys", str(MAX_KEYS)),
        Key("HeartbeatInterval", "300", _positive),
        Key("LightIntensity", "80", lambda value: _count(value) and int(value) <= 100),
        Key("LocalAuthListEnabled", "true"),
        Key("LocalAuthListMaxLength", "1000"),
        Key("LocalAuthorizeOffline", "true", _boolean),
        Key("LocalPreAuthorize", "false", _boolean),
        Key("MaxChargingProfilesInstalled", "20"),
        Key("MeterValuesAlignedData", DEFAULT_MEASURANDS, _measurands),
        Key("MeterValuesSampledData", DEFAULT_MEASURANDS, _measurands),
        Key("MeterValuesSampledDataMaxLength", str(len(MEASURANDS))),
        Key("MeterValueSampleInterval", "60", _count),
        Key("NumberOfConnectors", ""),
        Key("ReserveConnectorZeroSupported", "true"),
        Key("ResetRetries", "0"),
        Key("SecurityProfile", ""),
        Key("SendLocalListMaxLength", "100"),
        Key("StopTransactionOnEVSideDisconnect", "true"),
        Key("StopTransactionOnInvalidId", "true", _boolean),
        Key("StopTxnSampledData", "", _measurands),
        Key(
            "SupportedFeatureProfiles",
            "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
        ),
        Key("TransactionMessageAttempts", "3", _positive),
        Key("TransactionMessageRetryInterval", "60", _count),
        Key("UnlockConnectorOnEVSideDisconnect", "true"),
        Key("WebSocketPingInterval", "0", _count),
    )
}

NAMES = {
    Setting.HEARTBEAT_INTERVAL_S: "HeartbeatInterval",
    Setting.PING_INTERVAL_S: "WebSocketPingInterval",
    Setting.SAMPLE_INTERVAL_S: "MeterValueSampleInterval",
    Setting.ALIGNED_INTERVAL_S: "ClockAlignedDataInterval",
    Setting.STARTED_MEASURANDS: "MeterValuesSampledData",
    Setting.SAMPLED_MEASURANDS: "MeterValuesSampledData",
    Setting.ALIGNED_MEASURANDS: "MeterValuesAlignedData",
    Setting.ENDED_MEASURANDS: "StopTxnSampledData",
    Setting.CONNECTION_TIMEOUT_S: "ConnectionTimeOut",
    Setting.MESSAGE_ATTEMPTS: "TransactionMessageAttempts",
    Setting.MESSAGE_RETRY_S: "TransactionMessageRetryInterval",
    Setting.AUTHORIZE_REMOTE_START: "AuthorizeRemoteTxRequests",
    Setting.AUTHORIZE_OFFLINE_LOCALLY: "LocalAuthorizeOffline",
    Setting.AUTHORIZE_OFFLINE_UNKNOWN: "AllowOfflineTxForUnknownId",
    Setting.AUTHORIZE_LOCALLY_FIRST: "LocalPreAuthorize",
    Setting.STOP_ON_INVALID_TOKEN: "StopTransactionOnInvalidId",
}


class Configuration(Settings):
    """The keys of one station: the factory's values, and what differs from them."""

    def __init__(self, station: "Station") -> None:
        plan = station.plan
        unknown = set(plan.settings) - set(KEYS)
        if unknown:
            raise ValueError(f"no configuration key of 1.6: {', '.join(sorted(unknown))}")
        self._changed = {
            "NumberOfConnectors": str(len(plan.evses)),
            "SecurityProfile": str(plan.security_profile),
            "CpoName": plan.operator,
            **plan.settings,
        }
        # 1.6 has no keys for these: they are the station's own.
        self._own = {
            Setting.OFFLINE_THRESHOLD_S: "300",
            Setting.BACKOFF_WAIT_MINIMUM_S: str(plan.backoff.wait_minimum_s),
            Setting.BACKOFF_RANDOM_RANGE_S: str(plan.backoff.random_range_s),
            Setting.BACKOFF_REPEAT_TIMES: str(plan.backoff.repeat_times),
        }

    def read(self, setting: Setting) -> str:
        if setting in self._own:
            return self._own[setting]
        return self.value_of(KEYS[NAMES[setting]])

    def write(self, setting: Setting, value: str) -> None:
        self._changed[NAMES[setting]] = value

    def value_of(self, key: Key) -> str:
        return self._changed.get(key.name, key.value)

    def change(self, name: str, value: str) -> str:
        """Apply ChangeConfiguration and return the answer's status. Names are case-insensitive (CiString)."""
        key = _find(name)
        if key is None:
            return "NotSupported"
        if key.accepts is None or not key.accepts(value):
            return "Rejected"
        self._changed[key.name] = value
        return "Accepted"

    def report(self, names: Iterable[str]) -> tuple[list[dict[str, str | bool]], list[str]]:
        """The keys asked for, all without names, and the names that are unknown."""
        wanted = list(names)
        found = [_find(name) for name in wanted] if wanted else list(KEYS.values())
        unknown = [name for name in wanted if _find(name) is None]
        return [self._entry(key) for key in found if key is not None], unknown

    def _entry(self, key: Key) -> dict[str, str | bool]:
        entry: dict[str, str | bool] = {"key": key.name, "readonly": key.accepts is None}
        if not key.secret:
            entry["value"] = self.value_of(key)
        return entry


def _find(name: str) -> Key | None:
    return KEYS.get(name) or next(
        (key for key in KEYS.values() if key.name.casefold() == name.casefold()), None
    )
