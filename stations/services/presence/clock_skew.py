"""How far the stations' clocks are from ours."""

from collections.abc import Sequence

from emobi.core import unit_of_work
from emobi.core.batch import Query
from stations.models import Station

# Smaller changes are the network's.
CHANGE_S = 1.0

_WRITE = """
UPDATE stations_station SET clock_skew_s = k
FROM jsonb_to_recordset(%s::jsonb) AS row(s bigint, k double precision) WHERE id = s
"""


class _Skews:
    """The skews that have changed in a unit of work, by station."""

    def __init__(self) -> None:
        self.changed: dict[int, float] = {}

    def flush(self) -> Sequence[Query]:
        rows = [{"s": station_id, "k": skew_s} for station_id, skew_s in sorted(self.changed.items())]
        return [(_WRITE, rows)]


def note(station: Station, skew_s: float) -> None:
    """The station's clock was seen ``skew_s`` ahead of ours."""
    if station.clock_skew_s is None or abs(skew_s - station.clock_skew_s) > CHANGE_S:
        station.clock_skew_s = skew_s
        unit_of_work.current().buffer(_Skews).changed[station.pk] = skew_s
