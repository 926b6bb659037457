"""Our words for the fields of commands: labels, help, what choices mean, and which version has which."""

from collections.abc import Mapping

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
    "security_extension": "By the message of the security extension",
    "certificate_type": "For",
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
    "additional_info": "Further tokens",
    "group_additional_info": "Further tokens of the group",
    "charging_profile": "Charging profile",
    "entries": "Entries",
    "monitors": "Monitors",
    "display": "Which display",
    "customer_certificate": "Customer's certificate",
    "report": "Have it report what it keeps",
    "clear": "Have it forget the customer",
    "certificate": "Certificate (PEM)",
    "certificate_chain": "Certificates, the station's own first (PEM)",
    "signing_certificate": "Certificate that signed it (PEM)",
    "data": "Data",
    "configuration_slot": "Slot",
    "ocpp_csms_url": "URL",
    "security_profile": "Security profile",
    "ocpp_interface": "Interface",
    "ocpp_version": "OCPP",
    "ocpp_transport": "Transport",
    "message_timeout": "Seconds to wait for an answer",
    "apn": "Mobile network",
    "vpn": "VPN",
    "retries": "Tries",
    "component_instance": "Instance of the component",
    "variable_instance": "Instance of the variable",
    "priority": "Priority",
    "content": "Text",
    "format": "Format",
    "language": "Language",
    "state": "Only while it is",
    "valid_from": "Valid from",
    "valid_to": "Valid until",
    "charging_profile_kind": "Kind",
    "recurrency_kind": "Recurs",
    "charging_schedule": "Schedules",
    "charging_schedule_period": "Periods",
    "start_schedule": "Starts",
    "min_charging_rate": "Least that is of use",
    "sales_tariff": "Prices for the EV",
    "start_period": "From second",
    "limit": "Limit",
    "number_phases": "Phases",
    "phase_to_use": "Which phase",
}

# Labels that differ where the same name means something else, by definition and name.
LABELS_OF: Mapping[tuple[str, str], str] = {
    ("AdditionalInfo", "additional_id_token"): "Token",
    ("AdditionalInfo", "type"): "Type",
    ("MonitorSetting", "type"): "Kind of monitor",
    ("MonitorSetting", "value"): "Threshold, delta or seconds",
    ("MonitorSetting", "transaction"): "Only while a transaction runs",
    ("MonitorSetting", "monitor_id"): "Id of a monitor to replace",
    ("Vpn", "type"): "Kind of VPN",
    ("Vpn", "key"): "Shared key",
    ("Apn", "apn"): "Access point's name",
    ("ChargingProfile", "id"): "Profile id",
    ("ChargingSchedule", "id"): "Schedule id",
    ("LocalListEntry", "status"): "Status",
    ("LocalListEntry", "evse_ids"): "Only at these EVSEs",
    ("LocalListEntry", "expires_at"): "Expires",
    ("SalesTariff", "id"): "Tariff id",
    ("CustomerCertificate", "serial_number"): "Serial number",
}

# What one row of a list is called.
ROWS: Mapping[str, str] = {
    "variables": "Setting",
    "monitors": "Monitor",
    "entries": "Token",
    "additional_info": "Token",
    "group_additional_info": "Token",
    "charging_schedule": "Schedule",
    "charging_schedule_period": "Period",
    "sales_tariff_entry": "Price",
    "consumption_cost": "Cost",
    "cost": "Part of the cost",
}

# Texts of several lines.
LONG = frozenset({"certificate", "certificate_chain", "signing_certificate", "signature", "data", "content"})

# Fields that never show what was typed.
SECRET = frozenset({"apn_password", "sim_pin", "password"})

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

_NAMES = (
    "One Component.Variable a line, such as OCPPCommCtrlr.HeartbeatInterval. An instance stands in brackets, "
    "an EVSE and its connector behind @: Connector@1/1.Available."
)

# Help that depends on the version, by command, field and version.
VERSION_HELP: Mapping[tuple[str, str, str], str] = {
    ("get_report", "component_criteria", "2.0.1"): "None: whatever state they are in.",
    ("get_report", "component_variables", "2.0.1"): f"{_NAMES} Empty: all of them.",
    ("get_monitoring_report", "monitoring_criteria", "2.0.1"): "None: all of them.",
    ("get_monitoring_report", "component_variables", "2.0.1"): f"{_NAMES} Empty: all of them.",
    ("clear_monitors", "monitor_ids", "2.0.1"): "One a line.",
    ("get_display_messages", "message_ids", "2.0.1"): "One a line; empty: all of them.",
    ("get_config", "variables", "1.6"): "One configuration key a line; empty: all of them.",
    ("list_certificates", "certificate_types", "1.6"): "None: both.",
    ("list_certificates", "certificate_types", "2.0.1"): "None: all of them.",
    ("get_config", "variables", "2.0.1"): _NAMES,
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
            "V2GRootCertificate",
            "MORootCertificate",
            "V2GCertificateChain",
            "V2GCertificate",
        }
    ),
    "2.0.1": frozenset({"DiagnosticsStatusNotification"}),
}

# Choices that a command never takes, whatever the version: what external systems limit isn't ours to set.
NEVER: Mapping[str, frozenset[str]] = dict.fromkeys(
    ("set_charging_profile", "clear_charging_profile", "remote_start"),
    frozenset({"ChargingStationExternalConstraints"}),
)

# Fields that only one version has words for: anywhere, by command, and by definition.
_ONLY = {"connector_id": "2.0.1"}
_ONLY_IN: Mapping[str, Mapping[str, str]] = {
    "reset": {"hard": "1.6", "type": "2.0.1", "evse_id": "2.0.1"},
    "remote_start": dict.fromkeys(
        (
            "id_token_type",
            "remote_start_id",
            "group_id_token",
            "group_id_token_type",
            "additional_info",
            "group_additional_info",
        ),
        "2.0.1",
    ),
    "reserve": dict.fromkeys(
        (
            "connector_type",
            "id_token_type",
            "group_id_token_type",
            "additional_info",
            "group_additional_info",
        ),
        "2.0.1",
    ),
    "get_log": {"security_extension": "1.6"},
    "trigger_message": {"security_extension": "1.6"},
}
_SETTING = {
    "key": "1.6",
    **dict.fromkeys(("component", "variable", "component_instance", "variable_instance"), "2.0.1"),
    **dict.fromkeys(("evse_id", "attribute"), "2.0.1"),
}
_ONLY_OF: Mapping[str, Mapping[str, str]] = {
    "VariableSetting": _SETTING,
    "VariableName": _SETTING,
    "LocalListEntry": dict.fromkeys(
        (
            "id_token_type",
            "additional_info",
            "group_id_token_type",
            "group_additional_info",
            "evse_ids",
            "charging_priority",
            "language1",
            "language2",
            "personal_message",
        ),
        "2.0.1",
    ),
    "ChargingSchedule": {"id": "2.0.1", "sales_tariff": "2.0.1"},
    "SchedulePeriod": {"phase_to_use": "2.0.1"},
}


def only(command: str, definition: str, name: str) -> str:
    """The one version that has words for a field; "" if it isn't only one.

    Args:
        command: Whose params it is in.
        definition: The definition that it is a property of; "" for the params themselves.
        name: Of the property.
    """
    within = _ONLY_OF.get(definition, {}) if definition else _ONLY_IN.get(command, {})
    return within.get(name) or _ONLY.get(name, "")


def label(definition: str, name: str) -> str:
    """What a field is called."""
    own = LABELS_OF.get((definition, name)) or LABELS.get(name)
    return own or name.replace("_", " ").capitalize()


# Commands whose EVSE 0 is the whole station.
AT_STATION = frozenset(
    {"set_charging_profile", "clear_charging_profile", "get_charging_profiles", "get_composite_schedule"}
)
