"""The last 24 hours of stations, an hour a bar: connected all the time, away for some of it, or faulted.

Read from events: `station.offline` and `station.online`, `station.fault` and `station.fault_cleared`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emobi.core import clock
from emobi.core import selectors as core
from emobi.core.events import StationFault, StationFaultCleared, StationOffline, StationOnline
from emobi.core.models import Network
from stations.models import Connectivity, Station

HOURS = 24
HOUR = timedelta(hours=1)

_AWAY = {StationOffline.type: True, StationOnline.type: False}
_FAULTED = {StationFault.type: True, StationFaultCleared.type: False}

OK, SOME, AWAY, FAULT, NONE = "ok", "some", "away", "fault", "none"
_WORDS = ((FAULT, "with a fault"), (AWAY, "offline"), (SOME, "partly offline"))


@dataclass(frozen=True, slots=True)
class Bars:
    """An hour each, the newest last."""

    hours: Sequence[str]

    @property
    def words(self) -> str:
        """What they say."""
        counted = ((self.hours.count(hour), word) for hour, word in _WORDS)
        said = ", ".join(f"{number} h {word}" for number, word in counted if number)
        if set(self.hours) == {NONE}:
            return "Last 24 hours: never connected"
        return f"Last 24 hours: {said or 'connected, no fault'}"


def of(network: Network, stations: Sequence[Station]) -> Mapping[int, Bars]:
    """The bars of stations by their keys. One query."""
    now = clock.wall()
    begin = now - HOURS * HOUR
    of_identity: dict[str, list[tuple[datetime, str]]] = {station.identity: [] for station in stations}
    told = core.events_since(network, begin).filter(
        station__in=list(of_identity), type__in=[*_AWAY, *_FAULTED]
    )
    for name, at, type_ in told.order_by("sequence").values_list("station", "time", "type"):
        of_identity[name or ""].append((at, type_))
    return {station.pk: _bars(station, of_identity[station.identity], begin, now) for station in stations}


def _bars(station: Station, told: Sequence[tuple[datetime, str]], begin: datetime, now: datetime) -> Bars:
    if station.connectivity == Connectivity.NEVER:
        return Bars([NONE] * HOURS)
    offline = station.connectivity == Connectivity.OFFLINE
    away = _spans(told, _AWAY, offline, begin, now)
    faulted = _spans(told, _FAULTED, any(_faults(station)), begin, now)
    return Bars([_hour(begin + number * HOUR, away, faulted, station) for number in range(HOURS)])


def _faults(station: Station) -> Iterable[bool]:
    return (bool(connector.fault_id) for connector in station.connectors.all())


def _spans(
    told: Sequence[tuple[datetime, str]],
    types: Mapping[str, bool],
    at_last: bool,
    begin: datetime,
    now: datetime,
) -> list[tuple[datetime, datetime]]:
    """When it was so. Before the first event it was what that event ended; without one it is as it was."""
    changes = [(at, types[type_]) for at, type_ in told if type_ in types]
    on = not changes[0][1] if changes else at_last
    spans, since = [], begin
    for at, begins in changes:
        if on and not begins:
            spans.append((since, at))
        elif begins and not on:
            since = at
        on = begins
    return [*spans, (since, now)] if on else spans


def _hour(
    begin: datetime,
    away: Sequence[tuple[datetime, datetime]],
    faulted: Sequence[tuple[datetime, datetime]],
    station: Station,
) -> str:
    end = begin + HOUR
    if end <= station.created_at:
        return NONE
    if _covered(faulted, begin, end):
        return FAULT
    missing = _covered(away, begin, end)
    return AWAY if missing >= 0.9 * HOUR.total_seconds() else SOME if missing else OK


def _covered(spans: Sequence[tuple[datetime, datetime]], begin: datetime, end: datetime) -> float:
    """How much of an hour, in seconds."""
    cut = ((min(until, end) - max(since, begin)).total_seconds() for since, until in spans)
    return sum(seconds for seconds in cut if seconds > 0)
