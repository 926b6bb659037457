"""What events mean to rules: something begins to be the case, ends, or happened once more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from stations.models import IncidentKind
from stations.security_event_types import LISTED, canonical

# Close codes of WebSockets, and reasons, of sockets that we closed for our own sake.
OUR_CODES = frozenset({1012, 1013})
OUR_REASONS = frozenset({"gateway process died", "gateway restarts", "lease lost"})

# What happens at a moment: nothing says that it is over.
MOMENTARY = (IncidentKind.SECURITY_EVENT,)

CHANGE, DROP, BOOT, FAILED, CHARGED = "change", "drop", "boot", "failed", "charged"


class Act(Enum):
    """What a signal says."""

    BEGINS = "begins"
    ENDS = "ends"
    COUNTS = "counts"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What one event means to the rules of a kind.

    Attributes:
        place: What it is about, within the station, or the network if it is about none: part of the key.
        what: Which of the things that a rule counts.
    """

    kind: IncidentKind
    act: Act
    place: str = ""
    evse_id: int | None = None
    what: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def read(kind: str, data: Mapping[str, Any]) -> list[Signal]:
    """The signals of an event of this type with these data."""
    match kind:
        case "station.offline":
            reason = {"reason": data["reason"], "last_heard_at": data["last_heard_at"]}
            return [
                Signal(kind=IncidentKind.OFFLINE, act=Act.BEGINS, evidence=reason),
                Signal(kind=IncidentKind.FLAPPING, act=Act.COUNTS, what=CHANGE),
            ]
        case "station.online":
            back = [Signal(kind=IncidentKind.OFFLINE, act=Act.ENDS)]
            if data["offline_s"] is not None:
                back.append(Signal(kind=IncidentKind.FLAPPING, act=Act.COUNTS, what=CHANGE))
            return back
        case "station.disconnected":
            ours = data["code"] in OUR_CODES or data["reason"] in OUR_REASONS
            return [] if ours else [Signal(kind=IncidentKind.FLAPPING, act=Act.COUNTS, what=DROP)]
        case "station.booted":
            return [Signal(kind=IncidentKind.REBOOT_LOOP, act=Act.COUNTS, what=BOOT)]
        case "station.fault" | "station.fault_cleared":
            return [_fault(kind, data)]
        case "security.event":
            return [_security(data)]
        case "session.ended":
            return [_session(data)]
        case "webhook.failing" | "webhook.disabled":
            return [_webhook(Act.BEGINS, data)]
        case "webhook.recovered":
            return [_webhook(Act.ENDS, data)]
    return []


TYPES = (
    "station.offline",
    "station.online",
    "station.disconnected",
    "station.booted",
    "station.fault",
    "station.fault_cleared",
    "security.event",
    "session.ended",
    "webhook.failing",
    "webhook.disabled",
    "webhook.recovered",
)


# Kinds of incidents that an event of a type may be the beginning of, of a station.
BEGUN_BY: Mapping[str, tuple[IncidentKind, ...]] = {
    "station.offline": (IncidentKind.OFFLINE, IncidentKind.FLAPPING),
    "station.disconnected": (IncidentKind.FLAPPING,),
    "station.booted": (IncidentKind.REBOOT_LOOP,),
    "station.fault": (IncidentKind.FAULT,),
    "security.event": (IncidentKind.SECURITY_EVENT,),
    "session.ended": (IncidentKind.FAILED_STARTS,),
}


def concerns(params: Mapping[str, Any], signal: Signal) -> bool:
    """Whether a rule with these parameters looks out for what the signal is about."""
    if signal.kind == IncidentKind.SECURITY_EVENT:
        types = {canonical(each) for each in params.get("types") or []}
        return not types or canonical(signal.evidence["event_type"]) in types
    if signal.kind != IncidentKind.FAULT or signal.act is not Act.BEGINS:
        return True
    codes = {signal.evidence.get("error_code"), signal.evidence.get("vendor_error_code")}
    only, but = params.get("codes") or [], params.get("but") or []
    return (not only or bool(codes & set(only))) and not codes & set(but)


def delivered_nothing(params: Mapping[str, Any], evidence: Mapping[str, Any]) -> bool:
    """Whether a session that ended so was a failed start, by a rule's parameters."""
    duration_s, energy_wh = evidence.get("duration_s"), evidence.get("energy_wh")
    short = duration_s is None or duration_s <= params["longest_s"]
    return bool(short and (energy_wh or 0) < params["least_wh"])


def _fault(kind: str, data: Mapping[str, Any]) -> Signal:
    names = ("error_code", "vendor_error_code", "info", "fault_id", "connector_id")
    return Signal(
        kind=IncidentKind.FAULT,
        act=Act.BEGINS if kind == "station.fault" else Act.ENDS,
        place=f"{data['evse_id'] or 0}.{data['connector_id'] or 0}",
        evse_id=data["evse_id"],
        evidence={name: data[name] for name in names},
    )


def _security(data: Mapping[str, Any]) -> Signal:
    kind = canonical(data["event_type"])
    return Signal(
        kind=IncidentKind.SECURITY_EVENT,
        act=Act.BEGINS,
        place=kind if kind in LISTED else "other",  # a station could make up any number of types
        evidence={name: data[name] for name in ("event_type", "tech_info", "station_time")},
    )


def _session(data: Mapping[str, Any]) -> Signal:
    names = ("session_id", "energy_wh", "duration_s", "reason")
    return Signal(
        kind=IncidentKind.FAILED_STARTS,
        act=Act.COUNTS,
        place=str(data["evse_id"] or 0),
        evse_id=data["evse_id"],
        what=CHARGED,
        evidence={name: data[name] for name in names},
    )


def _webhook(act: Act, data: Mapping[str, Any]) -> Signal:
    return Signal(
        kind=IncidentKind.WEBHOOK_FAILING,
        act=act,
        place=data["webhook_id"],
        evidence={name: data.get(name) for name in ("webhook_id", "url", "reason", "failing_since")},
    )
