"""Whether a station is online, silent or offline, changed by compare-and-set and for any number at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from emobi.core import batch, clock, events
from stations.models import Connectivity, Station

# Only who is online falls silent; anybody comes back. In the order of keys, so that two processes can't wait
# for each other.
_CHANGE = """
WITH wanted AS (
    SELECT station.id, w.f, w.v, w.t FROM stations_station AS station
    JOIN jsonb_to_recordset(%s::jsonb) AS w(s bigint, f text, v text, t timestamptz) ON s = station.id
    WHERE CASE WHEN f = '' THEN connectivity <> v ELSE connectivity = f END
    ORDER BY station.id FOR NO KEY UPDATE OF station
)
UPDATE stations_station AS station SET connectivity = v, connectivity_since = t
FROM wanted WHERE wanted.id = station.id
RETURNING station.id
"""


def fall_silent(since: Mapping[int, datetime]) -> None:
    """No socket speaks for these stations, by id, since then."""
    _change("online", Connectivity.SILENT, since)


def come_back(heard: Iterable[tuple[Station, datetime]]) -> None:
    """Stations are heard, each at a time by our clock: they are online, whatever was thought of them.

    Needs the open unit of work.
    """
    back = {station.pk: (station, at) for station, at in heard if station.connectivity != Connectivity.ONLINE}
    if not back:
        return
    changed = _change("", Connectivity.ONLINE, {pk: at for pk, (_, at) in back.items()})
    for station, at in back.values():
        if station.pk in changed and station.connectivity in (Connectivity.OFFLINE, Connectivity.NEVER):
            was_away = station.connectivity == Connectivity.OFFLINE
            offline_s = max(0.0, (at - station.connectivity_since).total_seconds()) if was_away else None
            with clock.at(at):
                events.record(station.subject, events.StationOnline(offline_s=offline_s))
        station.connectivity, station.connectivity_since = Connectivity.ONLINE, at


def _change(before: str, after: str, since: Mapping[int, datetime]) -> set[int]:
    """Change those that are ``before`` ("": anything else than ``after``); their ids."""
    rows = [{"s": pk, "f": before, "v": after, "t": clock.iso(at)} for pk, at in since.items()]
    return {pk for (pk,) in batch.execute(_CHANGE, rows)} if rows else set()
