"""Sessions whose station never said that they ended, though nobody charges there any more.

The car left while the station had no power, or its firmware lost the message. A station that can be asked is
asked first (OCPP 2.0.1 part 2, use case E14; 1.6 has no such question), and as long as it says that the
transaction goes on or that messages of it wait, it is waited for. An end that comes after all still counts,
with its figures (`charging_sessions.end`).
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from emobi.core import clock, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from sessions.models import ChargingSession, SessionState
from sessions.services import announcing, merging
from sessions.services.open_sessions import OpenSessions
from stations.commands import catalogue
from stations.models import Availability, CommandState, Connectivity, Connector, Station
from stations.services.commanding import commands

QUESTION = "get_session_status"
ASKED_BY = "system:sessions"

# So long both the connector has been free and the session silent. A station that was away sends its statuses
# first and empties its queue then; a car that was authorized has some minutes to be plugged in.
PATIENCE = timedelta(minutes=15)

# One sweep takes so many; the next one follows in a minute.
AT_ONCE = 200


def give_up() -> int:
    """Give up what is due; how many sessions that were. Any number may run, at any time."""
    given_up = 0
    with unit_of_work.begin():
        found = _abandoned()
        sessions = unit_of_work.current().buffer(OpenSessions)
        sessions.preload({session.station_id for session in found})
        due = {session.pk: session.station for session in found}
        for station in {station.pk: station for station in due.values()}.values():
            for session in sessions.active(station):
                if session.pk not in due or session.heard_at >= clock.now() - PATIENCE:
                    continue
                if _answer_is_to_come(station, session):
                    continue
                merging.give_up(session)
                announcing.ended(station, session)
                sessions.changed(session)
                given_up += 1
    return given_up


def _answer_is_to_come(station: Station, session: ChargingSession) -> bool:
    """Ask the station how the session stands, once for each silence; whether it has yet to answer.

    An answer by which it goes on breaks the silence (`station_answers`). Any other end of the question
    leaves nothing to wait for.
    """
    if station.ocpp_version not in catalogue.entry(QUESTION).versions:
        return False
    try:
        command = commands.request(
            station.network,
            station,
            QUESTION,
            {"transaction_id": session.transaction_id},
            requested_by=ASKED_BY,
            role=Role.OPERATOR,
            only_now=True,
            idempotency_key=f"abandoned:{session.pk}:{session.heard_at.isoformat()}",
            reason="it is silent, and its connector free",
        )
    except Refused:
        return False
    return CommandState(command.state).open


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
