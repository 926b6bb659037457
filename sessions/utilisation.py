"""Utilisation: how long EVSEs were occupied, how long energy flowed, and the most power at once.

By our clock: stations' own may be anywhere. An EVSE is occupied while a charging session goes on there; when
energy flowed, `sessions.energy_flow` tells.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from django.db import connection

from emobi.core import ulid
from emobi.core.models import Network
from sessions import energy_flow
from stations.models import Station

# Every zone's hours begin at one of these.
QUARTER_S = 15 * 60
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
        untold: Of ``occupied``, of which no reading tells whether it did.
    """

    whole: Counter[WeekHour] = field(default_factory=Counter)
    occupied: Counter[WeekHour] = field(default_factory=Counter)
    charging: Counter[WeekHour] = field(default_factory=Counter)
    untold: Counter[WeekHour] = field(default_factory=Counter)


def spent(
    network: Network, begin: datetime, end: datetime, zone: tzinfo, station: Station | None = None
) -> Spent:
    """Of a network, or of one of its stations; weekdays and hours are those of ``zone``. Two queries."""
    parameters = _parameters(network, begin, end, station)
    moves: dict[str, dict[int, tuple[int, float]]] = {"occupied": {}, "charging": {}, "untold": {}}
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, parameters)
        for kind, quarter, begun, rest_s in cursor.fetchall():
            moves[kind][quarter] = (begun, rest_s)
        cursor.execute(_EVSES, parameters)
        come: dict[int, tuple[int, float]] = {quarter: (count, rest_s) for quarter, count, rest_s in cursor}
    quarters = range(int(begin.timestamp()) // QUARTER_S, -int(-end.timestamp() // QUARTER_S))
    hours = [_hour(datetime.fromtimestamp(each * QUARTER_S, zone)) for each in quarters]
    # What is there at the end goes with it.
    rest_s = quarters.stop * QUARTER_S - end.timestamp()
    there = _by_hour(come, quarters, hours)
    if quarters:
        there -= Counter({hours[-1]: round(sum(count for count, _ in come.values()) * rest_s)})
    return Spent(
        whole=there,
        occupied=_by_hour(moves["occupied"], quarters, hours),
        charging=_by_hour(moves["charging"], quarters, hours),
        untold=_by_hour(moves["untold"], quarters, hours),
    )


def _hour(local: datetime) -> WeekHour:
    return local.isoweekday(), local.hour


def _by_hour(
    moves: Mapping[int, tuple[int, float]], quarters: range, hours: Sequence[WeekHour]
) -> Counter[WeekHour]:
    """Seconds by weekday and hour, of what begins and ends in each quarter of an hour."""
    found: dict[WeekHour, float] = {}
    goes_on = 0
    for quarter, hour in zip(quarters, hours, strict=True):
        begun, rest_s = moves.get(quarter, (0, 0.0))
        found[hour] = found.get(hour, 0.0) + goes_on * QUARTER_S + rest_s
        goes_on += begun
    return Counter({hour: round(seconds) for hour, seconds in found.items() if round(seconds)})


def peak(network: Network, begin: datetime, end: datetime, station: Station | None = None) -> float | None:
    """In W, each session taken at its mean power; None: none brought energy. In one query."""
    return _peaks({**_parameters(network, begin, end, station), "by_site": False}).get(None)


def peaks(network: Network, begin: datetime, end: datetime) -> Mapping[str | None, float]:
    """The same by site; None: of all together."""
    return _peaks({**_parameters(network, begin, end), "by_site": True})


def _peaks(parameters: Mapping[str, int | str | datetime | None]) -> Mapping[str | None, float]:
    with connection.cursor() as cursor:
        cursor.execute(_PEAKS, parameters)
        return dict(cursor.fetchall())


def _parameters(
    network: Network, begin: datetime, end: datetime, station: Station | None = None
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


# An EVSE is there since the ledger counts it. By quarters of an hour, as below.
_EVSES = f"""
SELECT quarter, count(*), sum((quarter + 1) * {QUARTER_S} - at) FROM (
    SELECT at, floor(at / {QUARTER_S})::int AS quarter FROM (
        SELECT extract(epoch FROM greatest(coalesce(record.since, evse.created_at), %(begin)s))::float8 AS at
        FROM (
            SELECT DISTINCT connector.station_id, connector.evse_id, station.created_at
            FROM stations_connector AS connector
            JOIN stations_station AS station ON station.id = connector.station_id
            WHERE station.network_id = %(network)s AND connector.evse_id > 0
                AND (%(station)s::bigint IS NULL OR station.id = %(station)s::bigint)
        ) AS evse
        LEFT JOIN stations_servicerecord AS record USING (station_id, evse_id)
        WHERE coalesce(record.since, evse.created_at) < %(end)s
    ) AS come
) AS come GROUP BY 1
"""
# How many more begin than end in each quarter of an hour, and for how many seconds of it that holds: so a
# session costs a row at its begin and one at its end, however long it is. OFFSET 0 has each step computed
# once; else the planner puts them into each other, which takes three times as long.
_MOVES = f"""
SELECT kind, quarter, sum(sign), sum(sign * ((quarter + 1) * {QUARTER_S} - at)) FROM (
    SELECT kind, sign, at, floor(at / {QUARTER_S})::int AS quarter FROM (
        SELECT kind, greatest(since, extract(epoch FROM %(begin)s::timestamptz)::float8) AS since,
            least(till, extract(epoch FROM %(end)s::timestamptz)::float8) AS till
        FROM (
            SELECT flow, extract(epoch FROM received_at)::float8 AS received_s, extract(
                    epoch FROM CASE WHEN state = 'active' THEN %(end)s ELSE heard_at END
                )::float8 AS heard_s
            FROM charging_chargingsession
            WHERE network_id = %(network)s AND id >= %(first)s
                AND (%(station)s::bigint IS NULL OR station_id = %(station)s::bigint)
                AND received_at < %(end)s AND received_at > %(before)s
                AND (state = 'active' OR heard_at > %(begin)s)
            OFFSET 0
        ) AS session, LATERAL (
            SELECT 'occupied' AS kind, received_s AS since, heard_s AS till
            UNION ALL SELECT 'untold', received_s, heard_s WHERE flow -> 'spans' IS NULL
            UNION ALL SELECT 'untold', (flow -> 'at')::float8, heard_s
            WHERE flow -> 'spans' IS NOT NULL AND heard_s - (flow -> 'at')::float8 > {energy_flow.LONGEST_S}
            UNION ALL SELECT 'untold', greatest((gap -> 0)::float8, received_s),
                least((gap -> 1)::float8, heard_s)
            FROM jsonb_array_elements(flow -> 'gaps') AS gap WHERE flow -> 'spans' IS NOT NULL
            UNION ALL SELECT 'charging', (flowed -> 0)::float8, (flowed -> 1)::float8
            FROM jsonb_array_elements(flow -> 'spans') AS flowed
        ) AS span OFFSET 0
    ) AS span, LATERAL (VALUES (1, since), (-1, till)) AS move(sign, at) WHERE till > since OFFSET 0
) AS move GROUP BY 1, 2
"""
# Each session adds its mean power when it begins and takes it away when it ends: the highest sum on the way.
# A site of NULL is all of them.
_PEAKS = """
WITH session AS (
    SELECT station.site, session.received_at AS since, session.heard_at AS till,
        (coalesce(session.meter_stop_wh, session.meter_last_wh) - session.meter_start_wh)::float8 * 3600
            / extract(epoch FROM session.heard_at - session.received_at)::float8 AS power_w
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
    SELECT site, at, power_w FROM move WHERE %(by_site)s UNION ALL SELECT NULL, at, power_w FROM move
)
SELECT site, max(total) FROM (
    SELECT site, sum(power_w) OVER (
        PARTITION BY site ORDER BY at, power_w ROWS UNBOUNDED PRECEDING
    ) AS total FROM of_all
) AS running GROUP BY site
"""
