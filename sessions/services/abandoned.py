"""Sessions whose station never said that they ended, though nobody charges there any more.

The car left while the station had no power, or its firmware lost the message. An end that comes after all
still counts, with its figures (`charging_sessions.end`).
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from emobi.core import clock, unit_of_work
from sessions import suspicions
from sessions.models import ChargingSession, SessionState
from sessions.services import announcing, merging
from sessions.services.open_sessions import OpenSessions
from stations.models import Availability, Connectivity, Connector

# So long both the connector has been free and the session silent. A station that was away sends its statuses
# first and empties its queue then; a car that was authorized has some minutes to be plugged in.
PATIENCE = timedelta(minutes=15)

# One sweep takes so many; the next one follows in a minute.
AT_ONCE = 200


def give_up() -> int:
    """Give up what is due; how many sessions that were. Any number may run, at any time."""
    with unit_of_work.begin():
        found = _abandoned()
        sessions = unit_of_work.current().buffer(OpenSessions)
        sessions.preload({session.station_id for session in found})
        due = {session.pk: session.station for session in found}
        for station in {station.pk: station for station in due.values()}.values():
            for session in sessions.active(station):
                if session.pk in due and session.heard_at < clock.now() - PATIENCE:
                    merging.give_up(session)
                    suspicions.review(session)
                    announcing.ended(station, session)
                    sessions.changed(session)
    return len(due)


def _abandoned() -> list[ChargingSession]:
    since = clock.now() - PATIENCE
    plugs = Connector.objects.filter(station=OuterRef("station"), evse_id=OuterRef("evse_id"))
    free = plugs.filter(status=Availability.AVAILABLE, changed_at__lt=since)
    taken = plugs.exclude(status=Availability.AVAILABLE)
    return list(
        ChargingSession.objects.select_related("station__network")
        .filter(
            Exists(free),
            ~Exists(taken),
            state=SessionState.ACTIVE,
            heard_at__lt=since,
            station__connectivity=Connectivity.ONLINE,
        )
        .order_by("station", "pk")[:AT_ONCE]
    )
