"""What incidents are called: what is wrong and why we think so, in a sentence each."""

from collections.abc import Mapping
from typing import Any

from stations.models import IncidentKind


def title(kind: IncidentKind, name: str, evse_id: int | None, evidence: Mapping[str, Any]) -> str:
    """What is wrong with one station, or a webhook, called ``name``."""
    where = f"{name}, EVSE {evse_id}" if evse_id else name
    match kind:
        case IncidentKind.OFFLINE:
            return f"{where} is offline"
        case IncidentKind.FLAPPING:
            return f"{where} keeps losing its connection"
        case IncidentKind.FAULT:
            return f"{where} reports {evidence.get('error_code') or 'a fault'}"
        case IncidentKind.REBOOT_LOOP:
            return f"{where} boots again and again"
        case IncidentKind.FAILED_STARTS:
            return f"{where}: charging fails to start"
        case IncidentKind.SECURITY_EVENT:
            return f"{where}: {evidence.get('event_type')}"
        case IncidentKind.WEBHOOK_FAILING:
            return f"Webhook fails: {evidence.get('url')}"
    return where


def summary(kind: IncidentKind, evidence: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """Why we think so."""
    match kind:
        case IncidentKind.OFFLINE:
            return f"It was lost and didn't come back: {evidence.get('reason') or 'no reason known'}."
        case IncidentKind.FLAPPING:
            return (
                f"{evidence.get('changes', 0)} changes between online and offline, and "
                f"{evidence.get('drops', 0)} lost connections, within {_span(params['window_s'])}."
            )
        case IncidentKind.FAULT:
            codes = [evidence.get(name) for name in ("error_code", "vendor_error_code", "info")]
            return f"The station says: {', '.join(str(code) for code in codes if code)}."
        case IncidentKind.REBOOT_LOOP:
            return f"{evidence.get('boots', 0)} boots within {_span(params['window_s'])}."
        case IncidentKind.FAILED_STARTS:
            return (
                f"The last {params['count']} sessions ended within {_span(params['longest_s'])} "
                f"and delivered less than {params['least_wh']} Wh."
            )
        case IncidentKind.SECURITY_EVENT:
            said = [evidence.get(name) for name in ("event_type", "tech_info")]
            return f"The station's security log says {': '.join(str(each) for each in said if each)}."
        case IncidentKind.WEBHOOK_FAILING:
            return f"Events wait: {evidence.get('reason') or 'deliveries fail'}."
    return ""


def group_title(kind: IncidentKind, count: int, label: str) -> str:
    """What is wrong with many stations."""
    what = "offline" if kind == IncidentKind.OFFLINE else "faulted"
    return f"{count} stations {what}: {label}"


def group_summary(kind: IncidentKind, label: str, of: int, reachable: int) -> str:
    """Why they are one thing."""
    what = "lost" if kind == IncidentKind.OFFLINE else "faulted"
    share = f" {of} of the {reachable} stations there are affected." if reachable else ""
    return f"Stations were {what} at nearly the same time; what they have in common: {label}.{share}"


def _span(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
