"""What a station says of itself, in OCPP 2.0.1's terms whatever it speaks. What it didn't say is None.

Times are the station's clock; `gateway` has set impossible ones (1970, 2000, the year 200000) to None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class BootReport:
    """BootNotification. ``reason`` is BootReasonEnumType; 1.6 gives none. Only 1.6 says what meter it has."""

    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    reason: str | None = None
    meter_serial_number: str | None = None
    meter_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """StatusNotification: a connector's availability; EVSE 0 is the station itself.

    ``status`` is ConnectorStatusEnumType; ``detail`` 1.6's finer word; ``charging_state`` what 1.6's word
    says of a transaction on this EVSE (ChargingStateEnumType). ``error_code`` is None for NoError.
    """

    evse_id: int
    connector_id: int
    status: str
    detail: str | None = None
    charging_state: str | None = None
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None
    station_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ProblemReport:
    """A component has a problem, or has it no more (its variable Problem, 2.0.1); EVSE 0 is the station.

    ``error_code`` is 1.6's word for it, where it has one.
    """

    evse_id: int
    connector_id: int
    component: str
    present: bool
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None
    station_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class VariableReport:
    """One attribute of a variable (ReportDataType, or a configuration key of 1.6)."""

    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    attribute: str = "Actual"
    key: str | None = None
    value: str | None = None
    mutability: str | None = None
    persistent: bool | None = None
    constant: bool | None = None
    characteristics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VariablesReport:
    """One part of NotifyReport; ``last`` when no more is to come for ``request_id``."""

    request_id: int | None
    seq_no: int
    last: bool
    station_time: datetime | None
    variables: tuple[VariableReport, ...]


@dataclass(frozen=True, kw_only=True)
class ProgressReport:
    """FirmwareStatusNotification, LogStatusNotification, DiagnosticsStatusNotification.

    ``unnumbered``: it is one of 1.6's messages that never have a request id, about an update that isn't
    signed or about diagnostics.
    """

    status: str
    request_id: int | None = None
    unnumbered: bool = False


@dataclass(frozen=True, kw_only=True)
class PublicationReport(ProgressReport):
    """PublishFirmwareStatusNotification: where a local controller offers the file, once it does."""

    locations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SecurityEventReport:
    """SecurityEventNotification."""

    type: str
    station_time: datetime | None
    tech_info: str | None = None


@dataclass(frozen=True, kw_only=True)
class MonitoredEventReport:
    """One element of NotifyEvent (EventDataType)."""

    event_id: int
    station_time: datetime | None
    trigger: str
    component: str
    variable: str
    actual_value: str
    evse_id: int | None = None
    connector_id: int | None = None
    cleared: bool = False
    transaction_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VendorData:
    """DataTransfer from a station; ``data`` is any JSON in 2.0.1, usually text in 1.6."""

    vendor_id: str
    message_id: str | None
    data: Any


@dataclass(frozen=True, kw_only=True)
class MonitorReport:
    """A monitor (VariableMonitoringType). ``value`` is in the unit of its variable, or in seconds."""

    monitor_id: int
    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    type: str
    value: float
    severity: int
    transaction: bool = False


@dataclass(frozen=True, kw_only=True)
class MonitorsReport:
    """One part of NotifyMonitoringReport; ``last`` when no more is to come for ``request_id``."""

    request_id: int
    seq_no: int
    last: bool
    station_time: datetime | None
    monitors: tuple[MonitorReport, ...]


@dataclass(frozen=True, kw_only=True)
class DisplayMessageReport:
    """A message for a display (MessageInfoType); ``display`` names the display's component."""

    message_id: int
    priority: str
    format: str
    content: str
    language: str | None = None
    state: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    transaction_id: str | None = None
    display: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class DisplayMessagesReport:
    """One part of NotifyDisplayMessages, which isn't numbered."""

    request_id: int
    last: bool
    messages: tuple[DisplayMessageReport, ...]


@dataclass(frozen=True, kw_only=True)
class CustomerReport:
    """One part of NotifyCustomerInformation; ``text`` goes on in the next."""

    request_id: int
    seq_no: int
    last: bool
    station_time: datetime | None
    text: str


@dataclass(frozen=True, kw_only=True)
class SigningReport:
    """SignCertificate: a key that is to be signed; ``csr`` is PEM.

    ``use`` is CertificateSigningUseEnumType. ``combined``: the station named no use, for it has one
    certificate for both.
    """

    csr: str
    use: str = "ChargingStationCertificate"
    combined: bool = False
