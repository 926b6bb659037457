"""When counting rules find that it is too much. Pure: shared by the rules and their back-test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stations.models import IncidentKind
from stations.services.incidents import signals


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that a rule counts happened, at a time by our clock."""

    at: datetime
    what: str


def window(kind: IncidentKind, params: Mapping[str, Any]) -> timedelta:
    """How far back a rule looks."""
    return timedelta(seconds=max(params.get("window_s", 0), params.get("quiet_s", 0)))


def is_too_much(kind: IncidentKind, params: Mapping[str, Any], counted: Sequence[Counted]) -> bool:
    """Whether what happened, the oldest first, is what the rule looks out for, at the time of the last."""
    if not counted:
        return False
    since = counted[-1].at - timedelta(seconds=params["window_s"])
    recent = [each.what for each in counted if each.at >= since]
    match kind:
        case IncidentKind.FLAPPING:
            return bool(
                recent.count(signals.CHANGE) >= params["count"]
                or recent.count(signals.DROP) >= params["drops"]
            )
        case IncidentKind.FAILED_STARTS:
            last = recent[-params["count"] :]
            return len(last) == params["count"] and set(last) == {signals.FAILED}
        case _:
            return bool(len(recent) >= params["count"])


def is_over(kind: IncidentKind, params: Mapping[str, Any], counted: Sequence[Counted], now: datetime) -> bool:
    """Whether it has stopped."""
    if not counted:
        return True
    if kind == IncidentKind.FAILED_STARTS and counted[-1].what == signals.CHARGED:
        return True
    quiet_s = params.get("quiet_s", params["window_s"])
    return counted[-1].at < now - timedelta(seconds=quiet_s)


def what(kind: IncidentKind, params: Mapping[str, Any], signal: signals.Signal) -> str:
    """Which of the things that a rule counts a signal is, by the rule's parameters."""
    if kind == IncidentKind.FAILED_STARTS and signals.delivered_nothing(params, signal.evidence):
        return signals.FAILED
    return signal.what
