"""Our words for the commands: titles, labels, help. The catalogue says what they are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a command is offered.

    Attributes:
        title: What it is called.
        group: Under which heading it stands.
        button: What the button that sends it says.
        risky: It ends or changes something: the button says so by its colour.
        icon: Lucide's name for its picture.
        only: Fields that only this version of OCPP has words for, beside `ONLY`.
    """

    title: str
    group: str
    button: str
    icon: str
    risky: bool = False
    only: Mapping[str, str] = field(default_factory=dict)


# 1.6 knows one connector an EVSE.
ONLY = {"connector_id": "2.0.1"}

EVERYDAY, CHARGING, CONFIGURATION = "Everyday", "Charging", "Configuration"
MAINTENANCE, DISPLAY, SECURITY = "Maintenance", "Display", "Security"
GROUPS = (EVERYDAY, CHARGING, CONFIGURATION, MAINTENANCE, DISPLAY, SECURITY)

WORDS: Mapping[str, Words] = {
    "reset": Words(
        title="Reset", group=EVERYDAY, button="Reset the station", icon="rotate-ccw", risky=True,
        only={"hard": "1.6", "type": "2.0.1", "evse_id": "2.0.1"},
    ),
    "trigger_message": Words(
        title="Trigger message", group=EVERYDAY, button="Ask for the message", icon="message-square-reply"
    ),
    "set_availability": Words(
        title="Set availability", group=EVERYDAY, button="Set availability", icon="power", risky=True
    ),
    "unlock": Words(title="Unlock connector", group=EVERYDAY, button="Unlock", icon="lock-open", risky=True),
    "clear_cache": Words(
        title="Clear cache", group=EVERYDAY, button="Clear the cache", icon="eraser", risky=True
    ),
    "remote_start": Words(
        title="Start charging", group=CHARGING, button="Start charging", icon="play",
        only={
            "id_token_type": "2.0.1", "remote_start_id": "2.0.1", "group_id_token": "2.0.1",
            "group_id_token_type": "2.0.1",
        },
    ),
    "remote_stop": Words(
        title="Stop charging", group=CHARGING, button="Stop charging", icon="square", risky=True
    ),
    "get_composite_schedule": Words(
        title="Composite schedule", group=CHARGING, button="Ask for the schedule", icon="chart-line"
    ),
    "get_charging_profiles": Words(
        title="Charging profiles", group=CHARGING, button="Ask for the profiles", icon="chart-no-axes-column"
    ),
    "clear_charging_profile": Words(
        title="Clear charging profiles", group=CHARGING, button="Clear them", icon="eraser", risky=True
    ),
    "reserve": Words(
        title="Reserve", group=CHARGING, button="Reserve", icon="calendar-clock", risky=True,
        only={"connector_type": "2.0.1", "id_token_type": "2.0.1", "group_id_token_type": "2.0.1"},
    ),
    "cancel_reservation": Words(
        title="Cancel a reservation", group=CHARGING, button="Cancel it", icon="calendar-x", risky=True
    ),
    "send_local_list": Words(
        title="Send the local list", group=CHARGING, button="Send the network's tokens", icon="list-checks",
        risky=True,
    ),
    "get_local_list_version": Words(
        title="Version of the local list", group=CHARGING, button="Ask for the version", icon="list"
    ),
    "update_cost": Words(title="Show the cost", group=CHARGING, button="Show it", icon="receipt"),
    "get_session_status": Words(
        title="Status of a session", group=CHARGING, button="Ask for the status", icon="circle-question-mark"
    ),
    "get_config": Words(title="Read settings", group=CONFIGURATION, button="Read", icon="list"),
    "set_config": Words(
        title="Change a setting", group=CONFIGURATION, button="Change it", icon="settings-2", risky=True
    ),
    "get_base_report": Words(
        title="Full report", group=CONFIGURATION, button="Ask for the report", icon="file-text"
    ),
    "get_report": Words(
        title="Custom report", group=CONFIGURATION, button="Ask for the report", icon="file-search"
    ),
    "get_monitoring_report": Words(
        title="Report on monitors", group=CONFIGURATION, button="Ask for the report", icon="radar"
    ),
    "clear_monitors": Words(
        title="Remove monitors", group=CONFIGURATION, button="Remove them", icon="eraser", risky=True
    ),
    "set_monitoring_base": Words(
        title="Set the monitors' base", group=CONFIGURATION, button="Set the base", icon="rotate-ccw",
        risky=True,
    ),
    "set_monitoring_level": Words(
        title="Set the monitors' level", group=CONFIGURATION, button="Set the level",
        icon="sliders-horizontal", risky=True,
    ),
    "set_display_message": Words(
        title="Show a message", group=DISPLAY, button="Show the message", icon="message-square-text"
    ),
    "get_display_messages": Words(
        title="Messages of the display", group=DISPLAY, button="Ask for the messages", icon="list"
    ),
    "clear_display_message": Words(
        title="Remove a message", group=DISPLAY, button="Remove the message", icon="eraser", risky=True
    ),
    "customer_information": Words(
        title="Customer information", group=SECURITY, button="Ask for the information",
        icon="user-search", risky=True,
    ),
    "data_transfer": Words(
        title="Vendor message", group=EVERYDAY, button="Send the message", icon="send", risky=True
    ),
    "update_firmware": Words(
        title="Update firmware", group=MAINTENANCE, button="Update the firmware", icon="download", risky=True
    ),
    "publish_firmware": Words(
        title="Publish firmware", group=MAINTENANCE, button="Publish it", icon="share-2", risky=True
    ),
    "unpublish_firmware": Words(
        title="Unpublish firmware", group=MAINTENANCE, button="Publish no longer", icon="circle-x", risky=True
    ),
    "get_log": Words(
        title="Get a log", group=MAINTENANCE, button="Ask for the log", icon="file-down",
        only={"security_extension": "1.6"},
    ),
    "list_certificates": Words(
        title="Certificates", group=SECURITY, button="Ask for the list", icon="shield-check"
    ),
    "delete_certificate": Words(
        title="Delete a certificate", group=SECURITY, button="Delete it", icon="shield-x", risky=True
    ),
}  # fmt: skip

LABELS: Mapping[str, str] = {
    "type": "When",
    "hard": "Hard reset: cut the power as well",
    "evse_id": "EVSE",
    "connector_id": "Connector",
    "requested_message": "Message",
    "operational_status": "Availability",
    "id_token": "Id token",
    "id_token_type": "Type of token",
    "remote_start_id": "Remote start id",
    "session_id": "Session",
    "transaction_id": "Transaction id",
    "expires_at": "Until",
    "group_id_token": "Group",
    "group_id_token_type": "Type of group",
    "connector_type": "Type of connector",
    "reservation_id": "Reservation id",
    "update_type": "Update",
    "version": "Version",
    "total_cost": "Cost so far",
    "report_base": "Report",
    "request_id": "Request id",
    "variables": "Settings",
    "vendor_id": "Vendor id",
    "message_id": "Message id",
    "image": "Image of the store",
    "location": "Location",
    "retrieve_date_time": "Fetch at",
    "install_date_time": "Install at",
    "retry_interval": "Seconds between tries",
    "checksum": "MD5 of the file",
    "log_type": "Log",
    "remote_location": "Upload to",
    "oldest_timestamp": "From",
    "latest_timestamp": "Until",
    "security_extension": "By the security extension's GetLog",
    "certificate_types": "Types",
    "hash_algorithm": "Hash algorithm",
    "issuer_name_hash": "Hash of the issuer's name",
    "issuer_key_hash": "Hash of the issuer's key",
    "component_criteria": "Components that are",
    "component_variables": "Variables",
    "monitoring_criteria": "Types of monitors",
    "monitor_ids": "Ids of monitors",
    "monitoring_base": "Base",
    "severity": "Severity",
    "message_ids": "Ids of messages",
    "start_at": "Not before",
    "end_at": "Until",
    "customer_identifier": "Customer's identifier",
    "forget_here": "Take the token off sessions that ended here",
    "key": "Configuration key",
    "charging_profile_id": "Profile id",
    "charging_profile_purpose": "Purpose",
    "charging_limit_source": "Sources",
    "charging_rate_unit": "Unit",
    "stack_level": "Stack level",
    "duration": "Seconds",
    "component": "Component",
    "variable": "Variable",
    "value": "New value",
}

HELP: Mapping[str, str] = {
    "id_token": "What the driver would show. The station may check it against its own lists.",
    "remote_start_id": "Left open: one is chosen.",
    "request_id": "Left open: one is chosen.",
    "reservation_id": "Left open: one is chosen.",
    "group_id_token": "Left open: the token's own group.",
    "version": "Left open: the next.",
    "transaction_id": "Only for a transaction that isn't listed above.",
    "hard": "Without it the station restarts in an orderly way.",
    "image": "Its id. Without it: a file of somebody else's, at the location below.",
    "retrieve_date_time": "Left open: now.",
    "remote_location": "Left open: to us.",
}

# What it means to leave a choice open, by command and field.
LEFT_OPEN: Mapping[tuple[str, str], str] = {
    ("reset", "evse_id"): "The whole station",
    ("set_availability", "evse_id"): "The whole station",
    ("set_availability", "connector_id"): "All of the EVSE",
    ("trigger_message", "evse_id"): "The whole station",
    ("trigger_message", "connector_id"): "All of the EVSE",
    ("remote_start", "evse_id"): "Any EVSE",
    ("remote_start", "connector_id"): "Any connector",
    ("reserve", "evse_id"): "Any EVSE",
    ("clear_charging_profile", "evse_id"): "Any EVSE, and the station itself",
}

# Help that depends on the version, by command, field and version.
VERSION_HELP: Mapping[tuple[str, str, str], str] = {
    ("get_report", "component_criteria", "2.0.1"): "Active, Available, Enabled or Problem, one a line.",
    ("get_report", "component_variables", "2.0.1"): "One Component.Variable a line; empty: all of them.",
    (
        "get_monitoring_report",
        "monitoring_criteria",
        "2.0.1",
    ): "ThresholdMonitoring, DeltaMonitoring or PeriodicMonitoring, one a line; empty: all of them.",
    (
        "get_monitoring_report",
        "component_variables",
        "2.0.1",
    ): "One Component.Variable a line; empty: all of them.",
    ("clear_monitors", "monitor_ids", "2.0.1"): "One a line.",
    ("get_display_messages", "message_ids", "2.0.1"): "One a line; empty: all of them.",
    ("get_config", "variables", "1.6"): "One configuration key a line; empty: all of them.",
    ("list_certificates", "certificate_types", "1.6"): "One type a line; empty: both.",
    ("list_certificates", "certificate_types", "2.0.1"): "One type a line; empty: all of them.",
    (
        "get_config",
        "variables",
        "2.0.1",
    ): "One Component.Variable a line, such as OCPPCommCtrlr.HeartbeatInterval.",
}

CHOICES: Mapping[str, str] = {
    "Immediate": "At once",
    "DiagnosticsLog": "Diagnostics",
    "SecurityLog": "The security log",
    "OnIdle": "When no session runs",
    "Operative": "Operative: in service",
    "Inoperative": "Inoperative: out of service",
    "ConfigurationInventory": "Settings that can be changed",
    "FullInventory": "Everything",
    "Full": "All of it",
    "Differential": "What has changed",
    "SummaryInventory": "What is wrong now",
}

# Choices that a version has no word for. 1.6 section 7.29, security whitepaper section 5.5; 2.0.1 says
# diagnostics by another name, LogStatusNotification.
MISSING: Mapping[str, frozenset[str]] = {
    "1.6": frozenset(
        {
            "TransactionEvent",
            "SignV2GCertificate",
            "SignCombinedCertificate",
            "PublishFirmwareStatusNotification",
        }
    ),
    "2.0.1": frozenset({"DiagnosticsStatusNotification"}),
}

TOKEN_TYPES = (
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
)


def title(command: str) -> str:
    """What a command is called; one that has no words yet is called by its name."""
    words = WORDS.get(command)
    return words.title if words else command.replace("_", " ").capitalize()
