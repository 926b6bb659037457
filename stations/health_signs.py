"""What health is judged by, for any number of stations in as many queries."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from emobi.core import clock
from emobi.core.models import Network
from stations import ledger_reading, uptime
from stations.health import DAYS, WEEK, Signs
from stations.models import Command, CommandState, Connector, Deviation, Station
from stations.uptime import History

WENT_WRONG = (CommandState.REJECTED, CommandState.FAILED, CommandState.UNKNOWN)
ENDED = (*WENT_WRONG, CommandState.ACCEPTED, CommandState.SCHEDULED)


def of(
    network: Network, stations: Collection[Station], sessions: Mapping[int, Mapping[str, Any]]
) -> Mapping[int, Signs]:
    """The signs of these stations, by their keys, in seven queries.

    Args:
        network: Theirs.
        stations: Whose.
        sessions: Those of the last 30 days by station, as `sessions.session_reports.by_station` has them.
    """
    now = clock.now()
    begin, lately = now - timedelta(days=DAYS), now - timedelta(days=WEEK)
    pks = [station.pk for station in stations]
    histories = ledger_reading.histories(network, stations, begin, now)
    ended = Command.objects.filter(station__in=pks, created_at__gte=lately, state__in=ENDED)
    counted = ended.order_by().values_list("station_id")
    wrong = Count("pk", filter=Q(state__in=WENT_WRONG))
    asked = {station_id: counts for station_id, *counts in counted.annotate(all=Count("pk"), wrong=wrong)}
    differed = Deviation.objects.filter(station__in=pks, last_at__gte=lately)
    deviations = Counter(differed.values_list("station_id", flat=True))
    broken = Connector.objects.filter(station__in=pks).exclude(fault_id="")
    faults = Counter(broken.values_list("station_id", flat=True))
    return {
        station.pk: Signs(
            uptime_percent=_worst(histories[station.pk], begin, now),
            losses=sum(1 for each in histories[station.pk].outages if not each.evse_id),
            sessions=sessions[station.pk]["sessions"],
            failed_starts=sessions[station.pk]["failed_starts"],
            commands=asked.get(station.pk, [0, 0])[0],
            failed_commands=asked.get(station.pk, [0, 0])[1],
            deviations=deviations[station.pk],
            clock_skew_s=station.clock_skew_s,
            open_faults=faults[station.pk],
            firmware_status=station.firmware_status,
        )
        for station in stations
    }


def _worst(history: History, begin: datetime, now: datetime) -> float | None:
    found = [uptime.of_span(history, begin, now, now, evse_id) for evse_id in history.evse_ids or [0]]
    return min((each.percent for each in found if each.percent is not None), default=None)
