"""Uptime, sessions, energy and peak power of a period by site."""

from collections import Counter
from dataclasses import dataclass

from dashboard.reports.periods import Period
from emobi.core.models import Network
from sessions import session_reports, utilisation
from stations import network_uptime
from stations.models import Station
from stations.network_uptime import Together

MOST_SITES = 200


@dataclass(frozen=True, kw_only=True)
class Site:
    """The period of a site; ``name`` "": of the stations of none.

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


def read(network: Network, shown: Period) -> Sites:
    """Five queries, and four for each portion of the stations."""
    found = network_uptime.by_site(network, (shown.begin, shown.end), shown.complete_to)
    site_of = dict(Station.objects.filter(network=network).values_list("pk", "site"))
    sums: dict[str, Counter[str]] = {site: Counter() for site in site_of.values()}
    for station_id, row in session_reports.by_station(list(site_of), shown.begin, shown.end).items():
        numbers = {name: row[name] for name in ("sessions", "failed_starts", "energy_wh")}
        sums[site_of[station_id]].update({"stations": 1, **numbers})
    most = utilisation.peaks(network, shown.begin, shown.end)
    made = [_site(name, of, found.get(name, Together()), most.get(name)) for name, of in sums.items()]
    made.sort(key=lambda each: (101 if each.uptime.percent is None else each.uptime.percent, each.name))
    return Sites(sites=made[:MOST_SITES], more=max(0, len(made) - MOST_SITES), peak_w=most.get(None))


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
