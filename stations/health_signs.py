"""What health is judged by, for any number of stations in as many queries."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from emobi.core import clock
from emobi.core.models import Network
from stations import drift_reading, ledger_reading, uptime
from stations.health import DAYS, WEEK, Signs
from stations.models import Command, CommandState, Connector, Deviation, Station
from stations.uptime import History

WENT_WRONG = (CommandState.REJECTED, CommandState.FAILED, CommandState.UNKNOWN)
ENDED = (*WENT_WRONG, CommandState.ACCEPTED, CommandState.SCHEDULED)


def of(
    network: Network, stations: Collection[Station], sessions: Mapping[int, Mapping[str, Any]]
) -> Mapping[int, Signs]:
    """The signs of these stations, by their keys, in seven queries; six where there is no template.

    Args:
        network: Theirs.
        stations: Whose.
        sessions: Those of the last 30 days by station, as `sessions.session_reports.starts` has them.
    """
    now = clock.now()
    begin, lately = now - timedelta(days=DAYS), now - timedelta(days=WEEK)
    pks = [station.pk for station in stations]
    histories = ledger_reading.histories(network, stations, begin, now)
    ended = Command.objects.filter(created_at__gte=lately, state__in=ENDED)
    counts = {
        "asked": _counted(ended),
        "went_wrong": _counted(ended.filter(state__in=WENT_WRONG)),
        "differed": _counted(Deviation.objects.filter(last_at__gte=lately)),
        "faults": _counted(Connector.objects.exclude(fault_id="")),
    }
    told = Station.objects.filter(pk__in=pks).order_by()
    counted = {row.pop("pk"): row for row in told.annotate(**counts).values("pk", *counts)}
    drifted = drift_reading.counts(network, stations)
    return {
        station.pk: Signs(
            uptime_percent=_worst(histories[station.pk], begin, now),
            losses=histories[station.pk].losses,
            sessions=sessions[station.pk]["sessions"],
            failed_starts=sessions[station.pk]["failed_starts"],
            commands=counted[station.pk]["asked"],
            failed_commands=counted[station.pk]["went_wrong"],
            deviations=counted[station.pk]["differed"],
            open_faults=counted[station.pk]["faults"],
            clock_skew_s=station.clock_skew_s,
            drifted=drifted.get(station.pk, 0),
            firmware_status=station.firmware_status,
        )
        for station in stations
    }


def _worst(history: History, begin: datetime, now: datetime) -> float | None:
    found = [uptime.of_span(history, begin, now, now, evse_id) for evse_id in history.evse_ids or [0]]
    return min((each.percent for each in found if each.percent is not None), default=None)


def _counted(rows: QuerySet[Model]) -> Coalesce:
    """How many of these rows each station has."""
    of_station = rows.filter(station=OuterRef("pk")).order_by().values("station")
    return Coalesce(
        Subquery(of_station.annotate(rows=Count("pk")).values("rows")), 0, output_field=IntegerField()
    )
