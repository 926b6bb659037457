"""How well stations do, with what drivers found there."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from emobi.core import clock
from emobi.core.models import Network
from sessions import session_reports
from stations import health, health_signs
from stations.health import Health
from stations.models import Station


def of(network: Network, stations: Collection[Station]) -> Mapping[int, Health]:
    """Their health, by their keys: eight queries, however many they are."""
    now = clock.now()
    starts = session_reports.starts([each.pk for each in stations], now - timedelta(days=health.DAYS), now)
    signs = health_signs.of(network, stations, starts)
    return {station.pk: health.judge(signs[station.pk]) for station in stations}
