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
GROUPS = (EVERYDAY, CHARGING, CONFIGURATION)

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
        only={"id_token_type": "2.0.1", "remote_start_id": "2.0.1"},
    ),
    "remote_stop": Words(
        title="Stop charging", group=CHARGING, button="Stop charging", icon="square", risky=True
    ),
    "get_config": Words(title="Read settings", group=CONFIGURATION, button="Read", icon="list"),
    "set_config": Words(
        title="Change a setting", group=CONFIGURATION, button="Change it", icon="settings-2", risky=True
    ),
    "get_base_report": Words(
        title="Full report", group=CONFIGURATION, button="Ask for the report", icon="file-text"
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
    "report_base": "Report",
    "request_id": "Request id",
    "variables": "Settings",
    "key": "Configuration key",
    "component": "Component",
    "variable": "Variable",
    "value": "New value",
}

HELP: Mapping[str, str] = {
    "id_token": "What the driver would show. The station may check it against its own lists.",
    "remote_start_id": "Left open: one is chosen.",
    "request_id": "Left open: one is chosen.",
    "transaction_id": "Only for a transaction that isn't listed above.",
    "hard": "Without it the station restarts in an orderly way.",
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
}

# Help that depends on the version, by command, field and version.
VERSION_HELP: Mapping[tuple[str, str, str], str] = {
    ("get_config", "variables", "1.6"): "One configuration key a line; empty: all of them.",
    (
        "get_config",
        "variables",
        "2.0.1",
    ): "One Component.Variable a line, such as OCPPCommCtrlr.HeartbeatInterval.",
}

CHOICES: Mapping[str, str] = {
    "Immediate": "At once",
    "OnIdle": "When no session runs",
    "Operative": "Operative: in service",
    "Inoperative": "Inoperative: out of service",
    "ConfigurationInventory": "Settings that can be changed",
    "FullInventory": "Everything",
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
