"""What is wrong with a connector, in words: OCPP's code, and the maker's where a package tells what it is."""

from dataclasses import dataclass

from stations import vendors
from stations.models import Connector

# ChargePointErrorCode. Source: OCPP 1.6 section 7.6.
CODES = {
    "ConnectorLockFailure": "The connector can't be locked or unlocked",
    "EVCommunicationError": "It can't talk to the vehicle",
    "GroundFailure": "The residual current device tripped",
    "HighTemperature": "It is too hot inside",
    "InternalError": "Internal error",
    "LocalListConflict": "Its local list contradicts what we say of a token",
    "OtherError": "Error",
    "OverCurrentFailure": "Too much current",
    "OverVoltage": "The voltage is too high",
    "PowerMeterFailure": "The meter can't be read",
    "PowerSwitchFailure": "The power switch doesn't work",
    "ReaderFailure": "The token reader doesn't work",
    "ResetFailure": "It couldn't reset itself",
    "UnderVoltage": "The voltage is too low",
    "WeakSignal": "The radio signal is weak",
}


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong.

    Attributes:
        words: In words; the code itself where nobody knows any.
        code: OCPP's, where ``words`` don't say it.
        vendor_code: The maker's.
        meaning: What that means, where a package for the vendor tells.
        info: What the station says of it.
    """

    words: str
    code: str
    vendor_code: str
    meaning: str
    info: str

    def __str__(self) -> str:
        maker = f"{self.vendor_code}: {self.meaning}" if self.meaning else self.vendor_code
        return " · ".join(filter(None, (self.words, self.code, maker, self.info)))


def of(connector: Connector) -> Wrong | None:
    """What is wrong with a connector that came with its station; None: nothing."""
    code, vendor_code = connector.error_code, connector.vendor_error_code
    if not code and not vendor_code:
        return None
    words = CODES.get(code, code or "Error")
    vendor = vendors.known().get(connector.station.vendor.casefold())
    return Wrong(
        words=words,
        code="" if code == words else code,
        vendor_code=vendor_code,
        meaning=vendor.error_codes.get(vendor_code, "") if vendor else "",
        info=connector.info,
    )
