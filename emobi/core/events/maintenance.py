"""Firmware, logs, certificates, reports, and what vendors add."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emobi.core.events.model import Received


@dataclass(frozen=True, kw_only=True)
class FirmwareStatusChanged(Received):
    """An update moved on, in 2.0.1's words (Downloading, Installed, InvalidSignature, …)."""

    type = "firmware.status_changed"
    status: str
    request_id: int | None
    command_id: str | None


@dataclass(frozen=True, kw_only=True)
class FirmwarePublishStatusChanged(FirmwareStatusChanged):
    """A local controller moved on with offering firmware to its stations; ``locations`` where it does."""

    type = "firmware.publish_status_changed"
    locations: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class LogStatusChanged(Received):
    """An upload of diagnostics or a log moved on."""

    type = "log.status_changed"
    status: str
    request_id: int | None
    command_id: str | None


@dataclass(frozen=True, kw_only=True)
class SecurityEvent(Received):
    """The station's own security log, from its queue: ``station_time`` may be long ago."""

    type = "security.event"
    event_type: str
    tech_info: str | None


@dataclass(frozen=True, kw_only=True)
class CertificateSignRequested(Received):
    """A station wants a key of its signed; ``status`` is what it was answered, with our reason."""

    type = "certificate.sign_requested"
    signing_request_id: str
    certificate_type: str
    common_name: str | None
    organization: str | None
    key_type: str | None
    status: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class CertificateInstalled(Received):
    """A station took a certificate from us: a root, or its own with our authority's signature."""

    type = "certificate.installed"
    certificate_type: str
    subject: str
    issuer: str
    serial_number: str
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ConfigReportReceived(Received):
    """The last part of a report on the device model arrived; ``variables`` is how many it named."""

    type = "config.report_received"
    request_id: int | None
    variables: int


@dataclass(frozen=True, kw_only=True)
class MonitorReportReceived(Received):
    """A report on a station's monitors is complete; ``monitors`` is how many it named."""

    type = "monitor.report_received"
    request_id: int | None
    monitors: int


@dataclass(frozen=True, kw_only=True)
class DisplayMessageReported(Received):
    """The station told what its display has to show, or a part of it; ``complete`` with the last part."""

    type = "display_message.reported"
    request_id: int | None
    messages: tuple[Mapping[str, Any], ...]
    complete: bool


@dataclass(frozen=True, kw_only=True)
class CustomerInformation(Received):
    """The station told all that it knows of a customer, in its own words.

    ``held_here`` is how much we hold of the token ourselves; None where the customer wasn't named by one.
    """

    type = "customer.information"
    request_id: int | None
    text: str
    held_here: Mapping[str, int] | None


@dataclass(frozen=True, kw_only=True)
class VendorDataReceived(Received):
    """DataTransfer from the station; ``data`` any JSON, read where it came as a text."""

    type = "vendor.data_received"
    vendor_id: str
    message_id: str | None
    data: Any
    answer: str
