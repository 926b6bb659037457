"""Our words for the commands: titles, labels, help. The catalogue says what they are made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a command is offered.

    Attributes:
        title: What it is called.
        group: Under which heading it stands.
        button: What the button that sends it says.
        risky: It ends or changes something: the button says so by its colour, and a reason may be given.
        reason: Without a reason it isn't sent: it can't be undone, or a vendor makes anything of it.
        icon: Lucide's name for its picture.
    """

    title: str
    group: str
    button: str
    icon: str
    risky: bool = False
    reason: bool = False


EVERYDAY, TRANSACTIONS, CONFIGURATION = "Everyday", "Transactions", "Configuration"
SMART_CHARGING, UPKEEP, SECURITY = "Smart charging", "Firmware and logs", "Security"
LISTS, DISPLAY, RAW = "Local list and reservations", "Display and customers", "Raw"
GROUPS = (
    EVERYDAY,
    TRANSACTIONS,
    CONFIGURATION,
    SMART_CHARGING,
    UPKEEP,
    SECURITY,
    LISTS,
    DISPLAY,
    RAW,
)

WORDS: Mapping[str, Words] = {
    "reset": Words(
        title="Reset", group=EVERYDAY, button="Reset the station", icon="rotate-ccw", risky=True,
    ),
    "trigger_message": Words(
        title="Trigger message", group=EVERYDAY, button="Ask for the message", icon="message-square-reply"
    ),
    "set_availability": Words(
        title="Set availability", group=EVERYDAY, button="Set availability", icon="power", risky=True
    ),
    "unlock": Words(title="Unlock connector", group=EVERYDAY, button="Unlock", icon="lock-open", risky=True),
    "clear_cache": Words(
        title="Clear cache", group=LISTS, button="Clear the cache", icon="eraser", risky=True
    ),
    "remote_start": Words(
        title="Start charging", group=TRANSACTIONS, button="Start charging", icon="play",
    ),
    "remote_stop": Words(
        title="Stop charging", group=TRANSACTIONS, button="Stop charging", icon="square", risky=True
    ),
    "get_composite_schedule": Words(
        title="Composite schedule", group=SMART_CHARGING, button="Ask for the schedule", icon="chart-line"
    ),
    "get_charging_profiles": Words(
        title="Charging profiles", group=SMART_CHARGING,
        button="Ask for the profiles", icon="chart-no-axes-column"
    ),
    "clear_charging_profile": Words(
        title="Clear charging profiles", group=SMART_CHARGING, button="Clear them", icon="eraser", risky=True
    ),
    "reserve": Words(
        title="Reserve", group=LISTS, button="Reserve", icon="calendar-clock", risky=True,
    ),
    "cancel_reservation": Words(
        title="Cancel a reservation", group=LISTS, button="Cancel it", icon="calendar-x", risky=True
    ),
    "send_local_list": Words(
        title="Send the local list", group=LISTS, button="Send the network's tokens", icon="list-checks",
        risky=True,
    ),
    "get_local_list_version": Words(
        title="Version of the local list", group=LISTS, button="Ask for the version", icon="list"
    ),
    "update_cost": Words(title="Show the cost", group=TRANSACTIONS, button="Show it", icon="receipt"),
    "get_session_status": Words(
        title="Status of a session", group=TRANSACTIONS,
        button="Ask for the status", icon="circle-question-mark"
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
        title="Customer information", group=DISPLAY, button="Ask for the information",
        icon="user-search", risky=True, reason=True,
    ),
    "data_transfer": Words(
        title="Vendor message", group=RAW, button="Send the message", icon="send", risky=True, reason=True
    ),
    "update_firmware": Words(
        title="Update firmware", group=UPKEEP, button="Update the firmware",
        icon="download", risky=True, reason=True,
    ),
    "publish_firmware": Words(
        title="Publish firmware", group=UPKEEP, button="Publish it", icon="share-2", risky=True
    ),
    "unpublish_firmware": Words(
        title="Unpublish firmware", group=UPKEEP, button="Publish no longer", icon="circle-x", risky=True
    ),
    "get_log": Words(
        title="Get a log", group=UPKEEP, button="Ask for the log", icon="file-down",
    ),
    "list_certificates": Words(
        title="Certificates", group=SECURITY, button="Ask for the list", icon="shield-check"
    ),
    "delete_certificate": Words(
        title="Delete a certificate", group=SECURITY, button="Delete it",
        icon="shield-x", risky=True, reason=True,
    ),
    "set_charging_profile": Words(
        title="Set a charging profile", group=SMART_CHARGING, button="Set the profile", icon="chart-spline",
        risky=True,
    ),
    "set_monitors": Words(
        title="Set monitors", group=CONFIGURATION, button="Set the monitors", icon="gauge", risky=True
    ),
    "set_network_profile": Words(
        title="Set a network profile", group=CONFIGURATION, button="Set the profile", icon="router",
        risky=True, reason=True,
    ),
    "install_certificate": Words(
        title="Install a root certificate", group=SECURITY, button="Install it", icon="shield-plus",
        risky=True, reason=True,
    ),
    "certificate_signed": Words(
        title="Send a signed certificate", group=SECURITY, button="Send the certificate", icon="badge-check",
        risky=True, reason=True,
    ),
}  # fmt: skip


def title(command: str) -> str:
    """What a command is called; one that has no words yet is called by its name."""
    words = WORDS.get(command)
    return words.title if words else command.replace("_", " ").capitalize()
