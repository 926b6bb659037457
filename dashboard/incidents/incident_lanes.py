"""What the stations of an incident were in around the time of it: the plots of its evidence.

Drawn apart from the page: it costs a walk through the events of each station.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from dashboard.plots.lanes import Lane, LanePlot
from dashboard.plots.time_axis import Window
from dashboard.station import day_states, evse_cards
from emobi.core import clock
from emobi.core.models import Network
from sessions import selectors as charging
from sessions.models import ChargingSession
from stations import incidents, selectors
from stations.models import Incident, Station

# So many of its stations are drawn, those that it took first.
STATIONS = 3
AROUND = timedelta(minutes=30)
LONGEST = timedelta(hours=24)
# From further back the events of a busy station are more than a page may read.
FURTHEST = timedelta(days=7)


def window(incident: Incident, now: datetime) -> Window:
    """From a while before it began until a while after it ended, and no longer than a day."""
    since = incident.first_at - AROUND
    ended = incident.resolved_at + AROUND if incident.resolved_at else now
    return Window(since=since, until=min(ended, now, since + LONGEST), zone=timezone.get_current_timezone())


def of(network: Network, incident: Incident) -> Sequence[LanePlot]:
    """A plot for each of the first stations; none of an incident of long ago. At most nine queries."""
    now = clock.wall()
    shown = window(incident, now)
    if now - shown.since > FURTHEST:
        return []
    keys = [row.station_id for row in incidents.affected(incident)[:STATIONS]]
    found = {station.pk: station for station in selectors.stations(network).filter(pk__in=keys)}
    running = charging.active_sessions(found)
    return [
        LanePlot(
            caption=found[key].identity,
            window=shown,
            lanes=_lanes(found[key], running[key], shown, now),
        )
        for key in dict.fromkeys(keys)
        if key in found
    ]


def _lanes(station: Station, running: Sequence[ChargingSession], shown: Window, now: datetime) -> list[Lane]:
    """Followed until now, as what is the case now says how it came to it; told until the window ends."""
    cards = evse_cards.of(station, running)
    return [
        Lane(lane.name, [span for span in lane.spans if span.since < shown.until])
        for lane in day_states.lanes(station, cards, shown.since, now)
    ]
