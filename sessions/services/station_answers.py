"""What a station answers when it is asked how a transaction stands (OCPP 2.0.1 part 2, use case E14).

While it says that the transaction goes on, or that messages of it wait to be sent, the session isn't given up
(`abandoned`); while messages wait it is suspect, for its figures aren't final.
"""

from emobi.core import clock, unit_of_work
from sessions import limits, suspicions
from sessions.models import ChargingSession, SessionState
from sessions.services.open_sessions import OpenSessions
from sessions.suspicions import Suspicion
from stations.commands.billing import GetSessionStatus
from stations.commands.outcome import Outcome
from stations.models import Station


def told(station: Station, asked: GetSessionStatus, outcome: Outcome) -> None:
    """Take note of the answer; of no transaction it counts only where nothing waits at all."""
    waits = bool(outcome.detail.get("messages_in_queue"))
    if asked.transaction_id is None:
        if not waits:
            _nothing_waits(station)
        return
    sessions = unit_of_work.current().buffer(OpenSessions)
    session = sessions.of_transaction(station, limits.key(asked.transaction_id))
    if session is None:
        return
    goes_on = bool(outcome.detail.get("ongoing")) and session.state == SessionState.ACTIVE
    if waits or goes_on:
        session.heard_at = clock.now()
    if waits:
        suspicions.note(session, Suspicion.MORE_WAITS)
    else:
        suspicions.drop(session, Suspicion.MORE_WAITS)
    sessions.changed(session)


def _nothing_waits(station: Station) -> None:
    sessions = unit_of_work.current().buffer(OpenSessions)
    # Those that this unit of work has changed are to be found as they are now.
    sessions.write()
    noted = ChargingSession.objects.filter(station=station, suspect__contains=[Suspicion.MORE_WAITS.value])
    for transaction_id in list(noted.values_list("transaction_id", flat=True)):
        session = sessions.of_transaction(station, transaction_id)
        if session is not None:
            suspicions.drop(session, Suspicion.MORE_WAITS)
            sessions.changed(session)
