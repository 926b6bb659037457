"""Incidents as people see them: words for kinds, states and what happened, and a shape for each severity."""

from collections.abc import Mapping
from typing import Any

from dashboard import figures
from dashboard.statuses import Shown
from stations.models import IncidentKind, IncidentState, Resolution, Severity

SEVERITIES = {
    Severity.CRITICAL: Shown("critical", "Critical"),
    Severity.MAJOR: Shown("major", "Major"),
    Severity.MINOR: Shown("minor", "Minor"),
    Severity.INFO: Shown("info", "Info"),
}
STATES = {
    IncidentState.OPEN: Shown("incident-open", "Open"),
    IncidentState.ACKNOWLEDGED: Shown("accepted", "Acknowledged"),
    IncidentState.RESOLVED: Shown("available", "Resolved"),
}
SNOOZED = Shown("finishing", "Snoozed")
KINDS = {
    IncidentKind.OFFLINE: "Offline",
    IncidentKind.FLAPPING: "Flapping",
    IncidentKind.FAULT: "Fault",
    IncidentKind.REBOOT_LOOP: "Reboot loop",
    IncidentKind.FAILED_STARTS: "Failed starts",
    IncidentKind.NO_METER_VALUES: "No meter values",
    IncidentKind.ZOMBIE_SESSION: "Zombie session",
    IncidentKind.CLOCK_SKEW: "Clock",
    IncidentKind.CERTIFICATE_EXPIRING: "Certificate",
    IncidentKind.CERTIFICATE_FAILED: "Certificate failed",
    IncidentKind.SECURITY_EVENT: "Security event",
    IncidentKind.DEVIATION_RATE: "Deviations",
    IncidentKind.WEBHOOK_FAILING: "Webhook",
    IncidentKind.OTHER: "Other",
}
HOW: dict[str, str] = {
    Resolution.BY_ITSELF: "by itself",
    Resolution.BY_HAND: "by hand",
    Resolution.MERGED: "merged into another",
}


def who(actor: str) -> str:
    """A name from the audit log, for people."""
    kind, _, name = actor.partition(":")
    if kind == "system":
        return "Emobi"
    return f"key {name}" if kind == "key" else name or actor


def what(entry: str, detail: Mapping[str, Any]) -> str:
    """What happened, as a line of the timeline."""
    match entry:
        case "opened":
            return "Opened"
        case "grew":
            return f"Grew by {_stations(detail.get('stations'))}"
        case "recovered":
            return _recovered(detail)
        case "returned":
            return f"“{detail.get('what')}” again"
        case "escalated":
            return f"Escalated from {detail.get('from')} to {detail.get('to')}"
        case "reopened":
            return f"It is back, for the {_nth(detail.get('occurrences'))} time"
        case "acknowledged":
            return "Acknowledged"
        case "assigned":
            return f"Assigned to {detail.get('assignee')}"
        case "unassigned":
            return "Assigned to nobody"
        case "snoozed":
            return f"Snoozed until {figures.local_of(str(detail.get('until')))}"
        case "unsnoozed":
            return "Shown again"
        case "resolved":
            return "Resolved by itself" if detail.get("how") == Resolution.BY_ITSELF else "Resolved"
        case "noted":
            return "Note"
        case "took_in":
            return f"Took in “{detail.get('title')}”"
        case "split_off":
            return f"Split off “{detail.get('title')}”, {_stations(detail.get('stations'))}"
        case "split_from":
            return f"Split off from “{detail.get('title')}”"
        case "merged":
            return f"Merged into “{detail.get('title')}”"
    return entry.replace("_", " ").capitalize()


def more(detail: Mapping[str, Any]) -> str:
    """What stands below a line of the timeline: a note, or why."""
    return str(detail.get("note") or detail.get("why") or "")


def _recovered(detail: Mapping[str, Any]) -> str:
    stations, left = detail.get("stations"), detail.get("left") or 0
    still = ", ".join(f"“{title}”" for title in detail.get("still") or ())
    done = f"{_stations(stations)} well again" if stations else f"“{detail.get('what')}” is over"
    if left:
        affected = f"{left} still affected" if stations else f"{_stations(left)} still affected"
        return f"{done}, {affected}"
    return f"{done}; {still} not yet" if still else f"{done}: its cause is gone"


def _stations(count: object) -> str:
    return "1 station" if count == 1 else f"{count} stations"


def _nth(count: object) -> str:
    words = {2: "second", 3: "third"}
    return words.get(count, f"{count}th") if isinstance(count, int) else "next"
