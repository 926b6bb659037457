"""Uptime, sessions, energy and peak power of a month by site."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from dashboard.reports.uptime_report import Month
from emobi.core.models import Network
from sessions import session_reports
from stations import network_uptime
from stations.models import Station
from stations.network_uptime import Together

MOST_SITES = 200


@dataclass(frozen=True, kw_only=True)
class Site:
    """The month of a site; ``name`` "": of the stations of none.

    Attributes:
        success_percent: Of the sessions that started; None: none did.
        peak_w: The most at once, each session taken at its mean power; None: no session brought energy.
    """

    name: str
    stations: int
    uptime: Together
    sessions: int
    success_percent: float | None
    energy_wh: float
    peak_w: float | None


@dataclass(frozen=True, kw_only=True)
class Sites:
    """All of them, those first that were away most; ``more``: how many aren't told."""

    sites: list[Site]
    more: int
    peak_w: float | None


def read(network: Network, shown: Month) -> Sites:
    """Five queries, and four for each portion of the stations."""
    found = network_uptime.by_site(network, (shown.begin, shown.end), shown.complete_to)
    site_of = dict(Station.objects.filter(network=network).values_list("pk", "site"))
    sums: dict[str, Counter[str]] = {site: Counter() for site in site_of.values()}
    for station_id, row in session_reports.by_station(list(site_of), shown.begin, shown.end).items():
        numbers = {name: row[name] for name in ("sessions", "failed_starts", "energy_wh")}
        sums[site_of[station_id]].update({"stations": 1, **numbers})
    peaks = _peaks(network, shown)
    made = [_site(name, of, found.get(name, Together()), peaks.get(name)) for name, of in sums.items()]
    made.sort(key=lambda each: (101 if each.uptime.percent is None else each.uptime.percent, each.name))
    return Sites(sites=made[:MOST_SITES], more=max(0, len(made) - MOST_SITES), peak_w=peaks.get(None))


def _site(name: str, sums: Counter[str], together: Together, peak_w: float | None) -> Site:
    sessions = sums["sessions"]
    return Site(
        name=name,
        stations=sums["stations"],
        uptime=together,
        sessions=sessions,
        success_percent=100 * (sessions - sums["failed_starts"]) / sessions if sessions else None,
        energy_wh=sums["energy_wh"],
        peak_w=peak_w,
    )


# Each session adds its mean power when it begins and takes it away when it ends: the highest sum on the way.
# By our clock, for stations' own may be anywhere. A site of NULL is the whole network.
_PEAKS = """
WITH session AS (
    SELECT station.site, session.received_at AS since, session.heard_at AS till,
        (coalesce(session.meter_stop_wh, session.meter_last_wh) - session.meter_start_wh) * 3600
            / extract(epoch FROM session.heard_at - session.received_at) AS power_w
    FROM charging_chargingsession AS session
    JOIN stations_station AS station ON station.id = session.station_id
    WHERE session.network_id = %(network)s AND session.received_at < %(end)s
        AND session.received_at > %(before)s AND session.heard_at > %(begin)s
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


def _peaks(network: Network, shown: Month) -> Mapping[str | None, float]:
    parameters: dict[str, int | datetime] = {
        "network": network.pk,
        "begin": shown.begin,
        "end": shown.end,
        "before": shown.begin - timedelta(days=7),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEAKS, parameters)
        return {site: float(peak) for site, peak in cursor.fetchall()}
