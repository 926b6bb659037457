from stations.models.access_change import AccessChange, AccessChangeKind, AccessChangeState
from stations.models.bulk_command import BulkCommand, BulkState, BulkTarget
from stations.models.certificate import (
    OPEN_SIGNING_STATES,
    CertificateUse,
    InstalledCertificate,
    RevocationReason,
    RevokedCertificate,
    RootCertificate,
    SigningRequest,
    SigningState,
)
from stations.models.command import UNSUCCESSFUL_COMMAND_STATES, Command, CommandState
from stations.models.command_part import CommandPart
from stations.models.configuration_template import ConfigurationTemplate
from stations.models.connection import Connection, GatewayProcess, RefusedHandshake
from stations.models.connector import Availability, Connector
from stations.models.display_message import DisplayMessage
from stations.models.firmware import FirmwareImage, FirmwareStep
from stations.models.firmware_campaign import (
    CampaignState,
    FirmwareCampaign,
    FirmwareCampaignTarget,
    TargetState,
)
from stations.models.follow_up import FollowUp
from stations.models.frame import Direction, Frame, Kind
from stations.models.incident import (
    Incident,
    IncidentCondition,
    IncidentEntry,
    IncidentState,
    IncidentStation,
    Resolution,
)
from stations.models.incident_rule import (
    IncidentKind,
    IncidentReader,
    IncidentRule,
    IncidentTally,
    Severity,
)
from stations.models.maintenance_window import MaintenanceWindow, WindowState
from stations.models.model_quirks import ModelQuirks
from stations.models.monitor import Monitor
from stations.models.network_profile import NetworkProfile
from stations.models.notification import (
    Channel,
    Letter,
    LetterState,
    Notification,
    NotificationReader,
    NotificationRoute,
    RaisedNotification,
)
from stations.models.observation import Deviation, MonitoredEvent, SecurityEventEntry
from stations.models.outage import LedgerCursor, Outage, OutageCause, OutageExclusion, ServiceRecord
from stations.models.playbook import Playbook, PlaybookControl, PlaybookKillSwitch, PlaybookVersion
from stations.models.playbook_run import (
    JUDGED_RUN_STATES,
    OPEN_RUN_STATES,
    PlaybookRun,
    RunState,
    RunStep,
    StepState,
)
from stations.models.reservation import Reservation, ReservationEnd
from stations.models.station import Connectivity, Registration, Station
from stations.models.station_log import StationLog
from stations.models.variable import Variable
from stations.models.watch import Watch

__all__ = [
    "JUDGED_RUN_STATES",
    "OPEN_RUN_STATES",
    "OPEN_SIGNING_STATES",
    "UNSUCCESSFUL_COMMAND_STATES",
    "AccessChange",
    "AccessChangeKind",
    "AccessChangeState",
    "Availability",
    "BulkCommand",
    "BulkState",
    "BulkTarget",
    "CampaignState",
    "CertificateUse",
    "Channel",
    "Command",
    "CommandPart",
    "CommandState",
    "ConfigurationTemplate",
    "Connection",
    "Connectivity",
    "Connector",
    "Deviation",
    "Direction",
    "DisplayMessage",
    "FirmwareCampaign",
    "FirmwareCampaignTarget",
    "FirmwareImage",
    "FirmwareStep",
    "FollowUp",
    "Frame",
    "GatewayProcess",
    "Incident",
    "IncidentCondition",
    "IncidentEntry",
    "IncidentKind",
    "IncidentReader",
    "IncidentRule",
    "IncidentState",
    "IncidentStation",
    "IncidentTally",
    "InstalledCertificate",
    "Kind",
    "LedgerCursor",
    "Letter",
    "LetterState",
    "MaintenanceWindow",
    "ModelQuirks",
    "Monitor",
    "MonitoredEvent",
    "NetworkProfile",
    "Notification",
    "NotificationReader",
    "NotificationRoute",
    "Outage",
    "OutageCause",
    "OutageExclusion",
    "Playbook",
    "PlaybookControl",
    "PlaybookKillSwitch",
    "PlaybookRun",
    "PlaybookVersion",
    "RaisedNotification",
    "RefusedHandshake",
    "Registration",
    "Reservation",
    "ReservationEnd",
    "Resolution",
    "RevocationReason",
    "RevokedCertificate",
    "RootCertificate",
    "RunState",
    "RunStep",
    "SecurityEventEntry",
    "ServiceRecord",
    "Severity",
    "SigningRequest",
    "SigningState",
    "Station",
    "StationLog",
    "StepState",
    "TargetState",
    "Variable",
    "Watch",
    "WindowState",
]
