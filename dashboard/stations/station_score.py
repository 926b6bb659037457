"""A station's health as people see it: a number, coloured where it isn't good, and reasons with pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from dashboard import figures
from dashboard.station import tabs
from emobi.core.models import Role
from stations.health import Health, Reason
from stations.models import Station

GOOD, FAIR = 90, 70


@dataclass(frozen=True, kw_only=True)
class Score:
    """``tone`` is "" for a good one; ``worst`` the worst reason in words."""

    figure: str
    tone: str
    worst: str


def of(health: Health) -> Score:
    """A score, for a list or a head."""
    if health.score is None:
        return Score(figure=figures.UNKNOWN, tone="", worst="Never connected: nothing is known of its health")
    tone = "" if health.score >= GOOD else "wait" if health.score >= FAIR else "fault"
    worst = f"{health.score} of 100"
    if health.reasons:
        worst += f": {health.reasons[0].words}"
    return Score(figure=str(health.score), tone=tone, worst=worst)


def reasons(station: Station, health: Health, role: Role) -> Sequence[tuple[Reason, str]]:
    """The reasons, each with the page where it can be seen."""
    return [(reason, _page(station, reason, role)) for reason in health.reasons]


def _page(station: Station, reason: Reason, role: Role) -> str:
    overview = tabs.address(station, tabs.OVERVIEW)
    match reason.evidence:
        case "outages":
            return reverse("dashboard:report-station", args=[station.identity])
        case "sessions":
            return tabs.address(station, tabs.SESSIONS)
        case "commands":
            asked = tabs.address(station, tabs.COMMANDS) if role.includes(tabs.COMMANDS.role) else overview
            return f"{asked}#lives"
        case "messages":
            return f"{overview}#deviations-title"
        case "firmware":
            return tabs.address(station, tabs.FIRMWARE)
        case "variables":
            return f"{tabs.address(station, tabs.CONFIGURATION)}?show=drift"
    return f"{overview}#evses"
