"""The event model: what can be true of a network, whatever OCPP version said it. One dataclass a type.

Types are ``noun.past_participle`` and grow by adding fields only. A field that is unknown is None, never
left out. ``station_time`` is the station's clock, ``received_at`` ours. Energy is in Wh, power in W.
Integrators read `docs/events.md`, which a test holds to this module.
"""

from emobi.core.events.charging import (
    MeterValues,
    ReservationCreated,
    ReservationEnded,
    Sample,
    SessionAuthorized,
    SessionEnded,
    SessionMeterValues,
    SessionStarted,
    SessionUpdated,
)
from emobi.core.events.commands import CommandCompleted, CommandFailed
from emobi.core.events.incidents import (
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
)
from emobi.core.events.maintenance import (
    CertificateInstalled,
    CertificateSignRequested,
    ConfigReportReceived,
    CustomerInformation,
    DisplayMessageReported,
    FirmwarePublishStatusChanged,
    FirmwareStatusChanged,
    LogStatusChanged,
    MonitorReportReceived,
    SecurityEvent,
    VendorDataReceived,
)
from emobi.core.events.model import AtEvse, Event, Received, Subject
from emobi.core.events.notifications import NotificationRaised
from emobi.core.events.playbooks import (
    PlaybookFailed,
    PlaybookStarted,
    PlaybookStep,
    PlaybookSucceeded,
)
from emobi.core.events.recording import encoded, plain, record
from emobi.core.events.smart_charging import (
    ChargingProfileReported,
    EvChargingNeeds,
    EvChargingSchedule,
    LimitCleared,
    LimitSet,
)
from emobi.core.events.stations import (
    ConnectorStatusChanged,
    StationBooted,
    StationConnected,
    StationDisconnected,
    StationFault,
    StationFaultCleared,
    StationOffline,
    StationOnline,
    StationPending,
    StationRejected,
    StationTakenOver,
)
from emobi.core.events.webhooks import WebhookDisabled, WebhookFailing, WebhookRecovered

__all__ = [
    "TYPES",
    "AtEvse",
    "CertificateInstalled",
    "CertificateSignRequested",
    "ChargingProfileReported",
    "CommandCompleted",
    "CommandFailed",
    "ConfigReportReceived",
    "ConnectorStatusChanged",
    "CustomerInformation",
    "DisplayMessageReported",
    "EvChargingNeeds",
    "EvChargingSchedule",
    "Event",
    "FirmwarePublishStatusChanged",
    "FirmwareStatusChanged",
    "IncidentAcknowledged",
    "IncidentEscalated",
    "IncidentOpened",
    "IncidentResolved",
    "LimitCleared",
    "LimitSet",
    "LogStatusChanged",
    "MeterValues",
    "MonitorReportReceived",
    "NotificationRaised",
    "PlaybookFailed",
    "PlaybookStarted",
    "PlaybookStep",
    "PlaybookSucceeded",
    "Received",
    "ReservationCreated",
    "ReservationEnded",
    "Sample",
    "SecurityEvent",
    "SessionAuthorized",
    "SessionEnded",
    "SessionMeterValues",
    "SessionStarted",
    "SessionUpdated",
    "StationBooted",
    "StationConnected",
    "StationDisconnected",
    "StationFault",
    "StationFaultCleared",
    "StationOffline",
    "StationOnline",
    "StationPending",
    "StationRejected",
    "StationTakenOver",
    "Subject",
    "VendorDataReceived",
    "WebhookDisabled",
    "WebhookFailing",
    "WebhookRecovered",
    "encoded",
    "plain",
    "record",
]


def _every(kind: type[Event]) -> list[type[Event]]:
    below = [found for child in kind.__subclasses__() for found in _every(child)]
    return ([kind] if "type" in vars(kind) else []) + below


# Each type that can be recorded, by its name without "emobi.".
TYPES: dict[str, type[Event]] = {kind.type: kind for kind in _every(Event)}
