"""Utilisation: how long EVSEs were occupied, how long energy flowed, and the most power at once.

By our clock: stations' own may be anywhere. An EVSE is occupied while a charging session goes on there; when
energy flowed, `sessions.energy_flow` tells.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from django.db import connection

from emobi.core import ulid
from emobi.core.models import Network
from stations.models import Station

HOUR = timedelta(hours=1)
# A session that began so long before isn't looked for.
LONGEST_SESSION = timedelta(days=7)

# From Monday, 1, and from midnight, 0.
type WeekHour = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Seconds of all EVSEs together, by weekday and hour.

    Attributes:
        whole: In which they were there; none were: nothing.
        occupied: With a charging session.
        charging: In which energy flowed.
        untold: In sessions whose readings don't tell whether it did.
    """

    whole: Counter[WeekHour] = field(default_factory=Counter)
    occupied: Counter[WeekHour] = field(default_factory=Counter)
    charging: Counter[WeekHour] = field(default_factory=Counter)
    untold: Counter[WeekHour] = field(default_factory=Counter)


def spent(
    network: Network, begin: datetime, end: datetime, zone: tzinfo, station: Station | None = None
) -> Spent:
    """Of a network, or of one of its stations; weekdays and hours are those of ``zone``. Two queries."""
    parameters = {**_parameters(network, begin, end, station), "zone": str(zone)}
    found = Spent()
    kinds = {"occupied": found.occupied, "charging": found.charging, "untold": found.untold}
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, parameters)
        for kind, day, hour, seconds in cursor.fetchall():
            kinds[kind][day, hour] = round(seconds)
        cursor.execute(_EVSES, parameters)
        come: dict[datetime, int] = dict(cursor.fetchall())
    there, moment = 0, begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while moment < end:
        there += come.get(moment, 0)
        local = moment.astimezone(zone)
        lasts = min(moment + HOUR, end) - max(moment, begin)
        found.whole[local.isoweekday(), local.hour] += there * round(lasts.total_seconds())
        moment += HOUR
    return found


def peaks(
    network: Network, begin: datetime, end: datetime, station: Station | None = None
) -> Mapping[str | None, float]:
    """In W, each session taken at its mean power, by site; None: all together. In one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PEAKS, _parameters(network, begin, end, station))
        return {site: float(peak) for site, peak in cursor.fetchall()}


def _parameters(
    network: Network, begin: datetime, end: datetime, station: Station | None
) -> dict[str, int | str | datetime | None]:
    before = begin - LONGEST_SESSION
    return {
        "network": network.pk,
        "station": None if station is None else station.pk,
        "begin": begin,
        "end": end,
        "before": before,
        # Ids begin with the moment at which they were made: of many years of sessions an index finds these.
        "first": ulid.lowest(before),
    }


# An EVSE is there since the ledger counts it; it is asked of the hour in which that was.
_EVSES = """
SELECT date_trunc('hour', greatest(coalesce(record.since, evse.created_at), %(begin)s), 'UTC'), count(*)
FROM (
    SELECT DISTINCT connector.station_id, connector.evse_id, station.created_at
    FROM stations_connector AS connector JOIN stations_station AS station ON station.id = connector.station_id
    WHERE station.network_id = %(network)s AND connector.evse_id > 0
        AND (%(station)s::bigint IS NULL OR station.id = %(station)s::bigint)
) AS evse
LEFT JOIN stations_servicerecord AS record USING (station_id, evse_id)
WHERE coalesce(record.since, evse.created_at) < %(end)s GROUP BY 1
"""
_SPENT = """
SELECT kind, extract(isodow FROM hour AT TIME ZONE %(zone)s::text)::int,
    extract(hour FROM hour AT TIME ZONE %(zone)s::text)::int,
    sum(extract(epoch FROM least(till, hour + interval '1 hour') - greatest(since, hour)))
FROM (
    SELECT span.kind, greatest(span.since, %(begin)s) AS since, least(span.till, %(end)s) AS till
    FROM charging_chargingsession AS session, LATERAL (
        SELECT 'occupied' AS kind, received_at AS since,
            CASE WHEN state = 'active' THEN %(end)s ELSE heard_at END AS till
        UNION ALL SELECT 'untold', received_at, CASE WHEN state = 'active' THEN %(end)s ELSE heard_at END
        WHERE flow -> 'spans' IS NULL
        UNION ALL SELECT 'charging',
            to_timestamp((flowed ->> 0)::float8), to_timestamp((flowed ->> 1)::float8)
        FROM jsonb_array_elements(flow -> 'spans') AS flowed
    ) AS span
    WHERE session.network_id = %(network)s AND session.id >= %(first)s
        AND (%(station)s::bigint IS NULL OR session.station_id = %(station)s::bigint)
        AND session.received_at < %(end)s AND session.received_at > %(before)s
        AND (session.state = 'active' OR session.heard_at > %(begin)s)
) AS spent, generate_series(date_trunc('hour', since, %(zone)s::text), till, interval '1 hour') AS hour
WHERE till > since GROUP BY 1, 2, 3
"""
# Each session adds its mean power when it begins and takes it away when it ends: the highest sum on the way.
# A site of NULL is all of them.
_PEAKS = """
WITH session AS (
    SELECT station.site, session.received_at AS since, session.heard_at AS till,
        (coalesce(session.meter_stop_wh, session.meter_last_wh) - session.meter_start_wh) * 3600
            / extract(epoch FROM session.heard_at - session.received_at) AS power_w
    FROM charging_chargingsession AS session
    JOIN stations_station AS station ON station.id = session.station_id
    WHERE session.network_id = %(network)s AND session.received_at < %(end)s
        AND (%(station)s::bigint IS NULL OR session.station_id = %(station)s::bigint)
        AND session.id >= %(first)s AND session.received_at > %(before)s AND session.heard_at > %(begin)s
        AND session.heard_at - session.received_at > interval '1 minute'
), move AS (
    SELECT site, greatest(since, %(begin)s) AS at, power_w FROM session WHERE power_w > 0
    UNION ALL SELECT site, least(till, %(end)s), -power_w FROM session WHERE power_w > 0
), of_all AS (
    SELECT site, at, power_w FROM move UNION ALL SELECT NULL, at, power_w FROM move
)
SELECT site, max(total) FROM (
    SELECT site, sum(power_w) OVER (
        PARTITION BY site ORDER BY at, power_w ROWS UNBOUNDED PRECEDING
    ) AS total FROM of_all
) AS running GROUP BY site
"""
