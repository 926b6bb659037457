"""Use, sessions, commands, connections and incidents of a month: a query or two each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from dashboard import figures, plots
from dashboard.reports.uptime_report import Month
from emobi.core.models import Network
from sessions import session_reports
from stations import incidents
from stations.models import Command, CommandState, Connector, Incident, Outage, OutageCause, Station

MOST_REASONS = 8


@dataclass(frozen=True, kw_only=True)
class MonthReport:
    """Figures of a network's month.

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
    heat: plots.HeatMap
    commands: int
    commands_percent: float | None
    losses: int
    incidents: int
    acknowledged_s: float | None
    resolved_s: float | None


def read(network: Network, shown: Month) -> MonthReport:
    """All of it."""
    totals = _sessions(network, shown)
    sessions = totals["sessions"]
    ended = _commands(network, shown)
    asked = sum(ended.values())
    worked = ended[CommandState.ACCEPTED] + ended[CommandState.SCHEDULED]
    opened = Incident.objects.filter(network=network, opened_at__gte=shown.begin, opened_at__lt=shown.end)
    times = incidents.mean_times(opened)
    return MonthReport(
        totals=totals,
        success_percent=100 * (sessions - totals["failed_starts"]) / sessions if sessions else None,
        reasons=_reasons(totals["reasons"]),
        heat=_heat(network, shown),
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


def _sessions(network: Network, shown: Month) -> dict[str, Any]:
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


def _commands(network: Network, shown: Month) -> Counter[str]:
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


# By our clock: stations' own may be anywhere.
_OCCUPIED = """
SELECT extract(isodow FROM hour AT TIME ZONE %(zone)s::text)::int,
    extract(hour FROM hour AT TIME ZONE %(zone)s::text)::int,
    sum(extract(epoch FROM least(till, hour + interval '1 hour') - greatest(since, hour)))
FROM (
    SELECT greatest(received_at, %(begin)s) AS since,
        least(CASE WHEN state = 'active' THEN %(end)s ELSE heard_at END, %(end)s) AS till
    FROM charging_chargingsession
    WHERE network_id = %(network)s AND received_at < %(end)s AND received_at > %(before)s
        AND (state = 'active' OR heard_at > %(begin)s)
) AS session, generate_series(date_trunc('hour', since, %(zone)s::text), till, interval '1 hour') AS hour
WHERE till > since GROUP BY 1, 2
"""


def _heat(network: Network, shown: Month) -> plots.HeatMap:
    """Which share of the EVSEs had a session, by weekday and hour of whoever looks."""
    end = min(shown.end, max(shown.complete_to, shown.begin))
    evses = Connector.objects.filter(station__network=network, evse_id__gt=0)
    count = evses.order_by().values("station", "evse_id").distinct().count()
    zone = timezone.get_current_timezone()
    parameters: dict[str, int | str | datetime] = {
        "zone": str(zone),
        "network": network.pk,
        "begin": shown.begin,
        "end": end,
        "before": shown.begin - timedelta(days=7),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OCCUPIED, parameters)
        occupied = {(day, hour): float(seconds) for day, hour, seconds in cursor.fetchall()}
    whole: Counter[tuple[int, int]] = Counter()
    moment = shown.begin
    while moment < end:
        local = moment.astimezone(zone)
        whole[local.isoweekday(), local.hour] += 1
        moment += timedelta(hours=1)

    def share(day: int, hour: int) -> float | None:
        there = 3600 * count * whole[day, hour]
        return min(100.0, 100 * occupied.get((day, hour), 0.0) / there) if there else None

    return plots.HeatMap(
        caption="EVSEs with a session, by weekday and hour",
        unit="%",
        values=[[share(day, hour) for hour in range(24)] for day in range(1, 8)],
        zone_word=figures.zone(),
    )
