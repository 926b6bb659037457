"""Sessions, commands, connections and incidents of a period: a query or two each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count

from dashboard import plots
from dashboard.reports.periods import Period
from emobi.core.models import Network
from sessions import session_reports
from stations import incidents
from stations.models import Command, CommandState, Incident, Outage, OutageCause, Station

MOST_REASONS = 8


@dataclass(frozen=True, kw_only=True)
class PeriodReport:
    """Figures of a network's period.

    Attributes:
        totals: As `session_reports.by_station` has them, added up.
        success_percent: Of sessions that weren't refused and brought energy; None: there were none.
        commands_percent: Of commands that ended: accepted or scheduled.
        acknowledged_s: Mean time until an incident was acknowledged; None: none was.
        resolved_s: The same until it was over.
    """

    totals: Mapping[str, Any]
    success_percent: float | None
    reasons: plots.BarPlot
    commands: int
    commands_percent: float | None
    losses: int
    incidents: int
    acknowledged_s: float | None
    resolved_s: float | None


def read(network: Network, shown: Period) -> PeriodReport:
    """All of it."""
    totals = _sessions(network, shown)
    sessions = totals["sessions"]
    ended = _commands(network, shown)
    asked = sum(ended.values())
    worked = ended[CommandState.ACCEPTED] + ended[CommandState.SCHEDULED]
    opened = Incident.objects.filter(network=network, opened_at__gte=shown.begin, opened_at__lt=shown.end)
    times = incidents.mean_times(opened)
    return PeriodReport(
        totals=totals,
        success_percent=100 * (sessions - totals["failed_starts"]) / sessions if sessions else None,
        reasons=_reasons(totals["reasons"]),
        commands=asked,
        commands_percent=100 * worked / asked if asked else None,
        losses=Outage.objects.filter(
            network=network, cause=OutageCause.OFFLINE, began_at__gte=shown.begin, began_at__lt=shown.end
        ).count(),
        incidents=times["count"],
        acknowledged_s=_seconds(times["acknowledged"]),
        resolved_s=_seconds(times["resolved"]),
    )


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


def _sessions(network: Network, shown: Period) -> dict[str, Any]:
    ids = list(Station.objects.filter(network=network).values_list("pk", flat=True))
    totals: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in session_reports.by_station(ids, shown.begin, shown.end).values():
        reasons.update(row["reasons"])
        totals.update({name: value for name, value in row.items() if name != "reasons"})
    return {
        **totals,
        "sessions": totals["sessions"],
        "failed_starts": totals["failed_starts"],
        "reasons": reasons,
    }


def _commands(network: Network, shown: Period) -> Counter[str]:
    found = Command.objects.filter(
        network=network, created_at__gte=shown.begin, created_at__lt=shown.end
    ).exclude(state__in=[CommandState.QUEUED, CommandState.SENT])
    return Counter(dict(found.order_by().values_list("state").annotate(Count("pk"))))


def _reasons(reasons: Counter[str]) -> plots.BarPlot:
    bars = [plots.Bar(name=name, value=count) for name, count in reasons.most_common(MOST_REASONS)]
    return plots.BarPlot(
        caption="Why sessions ended",
        unit="sessions",
        bars=bars,
        digits=0,
        finding="" if bars else "No session has ended",
    )
