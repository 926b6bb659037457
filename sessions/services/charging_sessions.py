"""Charging sessions: what stations say of their transactions, each thing once, in whatever order it comes.

Nothing here refuses a station: what is wrong is kept and marked (`sessions.suspicions`). A session is told to
have started and ended once, when its station says so; one that was given up as lost is told to have ended
again if its station ends it after all, with the figures that were missing.

Sources: OCPP 1.6 sections 4.7, 4.8 and 4.10; 2.0.1 part 2, E.1.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from emobi.core import checks, clock, unit_of_work
from sessions import limits, measurands, sequence_numbers, suspicions
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.models import ChargingSession, SessionState
from sessions.reports import (
    MeterReading,
    MeterReport,
    Token,
    TransactionEnd,
    TransactionStart,
    TransactionUpdate,
)
from sessions.services import announcing, id_tokens, merging, readings, remote_starts, tariffs, unannounced
from sessions.services.id_tokens import Use
from sessions.services.open_sessions import OpenSessions
from sessions.suspicions import Suspicion
from stations.models import Station
from stations.services.commanding import following
from stations.services.commanding.awaited import Effect
from stations.services.device_model import reservations

# The reasons for which 2.0.1 would send a reading; 1.6 says no more than its context.
TRIGGERS = {
    "Sample.Periodic": "MeterValuePeriodic",
    "Sample.Clock": "MeterValueClock",
    "Trigger": "Trigger",
}
# A token that comes with this was shown to stop.
STOP_AUTHORIZED = "StopAuthorized"


# A reading that is younger was hardly kept for long; and it is not worth a query.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Started:
    """The session that a start began, and the verdict on its token; None where none was shown."""

    session: ChargingSession
    authorization: Authorization | None


def expect(
    station: Station,
    *,
    transaction_id: str | None = None,
    start_key: str | None = None,
    token: Token | None = None,
) -> None:
    """Have what a message will be about read with what the rest of its batch is about.

    ``start_key`` alone is the start of a transaction that is to be given its number.
    """
    work = unit_of_work.current()
    work.buffer(OpenSessions).expect(
        station.pk,
        transaction_id=None if transaction_id is None else limits.key(transaction_id),
        start_key=None if start_key is None else limits.key(start_key),
    )
    if start_key is not None:
        work.buffer(unannounced.Numbers).expect(station.pk)
    id_tokens.expect(station, token)


def start(station: Station, report: TransactionStart) -> Started:
    """Open the session that ``report`` announces, once.

    A start that is sent again gets the session, and the verdict, of the first time. A refused token opens a
    session too: energy may have flowed already, and 1.6 has no way to refuse a start (section 4.8).
    """
    sessions = _sessions()
    session = _announced(sessions, station, report)
    if session is not None and _is_anothers(session, report):
        _take_key(sessions, session)
        session = None
    if session is not None and session.start_key is not None:
        return Started(session=session, authorization=_first_verdict(station, session, report.token))
    authorization = None
    if report.token is not None:
        authorization = id_tokens.judge(
            station, report.token, Use.START, evse_id=limits.place(report.evse_id), session=session
        )
    merging.note_beyond(station, report)
    if session is None:
        transaction_id = report.transaction_id
        if transaction_id is None:
            transaction_id = unannounced.next_number(station)
        session = unannounced.new(station, transaction_id, report.started_at)
        merging.begin(session, report, authorization)
        sessions.add(session)
    else:
        merging.begin(session, report, authorization)
    if session.state == SessionState.ACTIVE and not report.offline:
        _give_up_older(sessions, station, session)
    announcing.started(station, session, report)
    remote_starts.tell(station, session, at=report.started_at, offline=report.offline)
    _use_reservation(station, session, report)
    opening = readings.with_register(
        report.readings, measurands.register(report.meter_start_wh), measurands.BEGIN, report.started_at
    )
    readings.take(station, session, opening, report.started_at)
    merging.review(session)
    sessions.changed(session)
    return Started(session=session, authorization=authorization)


def update(station: Station, report: TransactionUpdate) -> Authorization | None:
    """Take in a part of a transaction between its start and its end.

    Returns:
        The verdict on the token that was shown with it; None if there was none.
    """
    sessions = _sessions()
    session = _heard_of(sessions, station, report.transaction_id, report.evse_id, report.at)
    authorization = _shown(station, session, report)
    news = _news(station, session, report)
    if news is None:
        return authorization
    merging.note_beyond(station, report)
    report = news
    merging.merge(session, report, report.at)
    if report.remote_start_id is not None:
        # The cable was in before the command came (F02).
        remote_starts.tell(station, session, at=report.at, offline=report.offline)
    _use_reservation(station, session, report)
    if authorization is not None and report.trigger != STOP_AUTHORIZED:
        merging.note_token(session, report.token, authorization)
    readings.take(station, session, report.readings, report.at)
    if session.state == SessionState.ACTIVE:
        announcing.updated(
            station,
            session,
            trigger=report.trigger or _trigger(report.readings),
            station_time=report.at,
            offline=report.offline,
        )
    else:
        merging.review(session)
    sessions.changed(session)
    return authorization


def end(station: Station, report: TransactionEnd) -> Authorization | None:
    """End the session that ``report`` names, once; or keep what it says as a session that never started.

    The figures of the first end stay. An end that says others makes the session suspect.

    Returns:
        The verdict on the token that stopped it, for the station's information; None if there was none.
    """
    sessions = _sessions()
    session = _ending(sessions, station, report)
    authorization = None
    if report.token is not None:
        authorization = id_tokens.judge(station, report.token, Use.STOP)
    over = session.state == SessionState.ENDED
    if over and merging.differs(session, report):
        suspicions.note(session, Suspicion.SECOND_END)
        sessions.changed(session)
    repeated = merging.repeated(session, report.seq_no)
    if over and (repeated or sequence_numbers.possible(report.seq_no) is None):
        return authorization
    if repeated:
        merging.note_reused(station)
    merging.note_beyond(station, report)
    merging.merge(session, report, report.ended_at)
    _use_reservation(station, session, report)
    if authorization is not None and report.seq_no is None and session.start_key is None:
        # Of a session whose start is lost, whoever stopped it is the best guess at whose it was.
        merging.note_token(session, report.token, authorization)
    if not over:
        merging.finish(session, report)
    closing = readings.with_register(
        report.readings, measurands.register(report.meter_stop_wh), measurands.END, report.ended_at
    )
    readings.take(station, session, closing, report.ended_at)
    merging.review(session)
    if not over:
        announcing.ended(station, session, station_time=report.ended_at, offline=report.offline)
        following.seen(
            station,
            Effect.SESSION_END,
            session_id=session.pk,
            transaction_id=session.transaction_id,
            reason=session.reason or None,
        )
    sessions.changed(session)
    return authorization


def meter(station: Station, report: MeterReport) -> None:
    """Take in readings, as those of the session that they name or that runs on their EVSE, or of none."""
    sessions = _sessions()
    session = _metered(sessions, station, report)
    if session is None:
        readings.take_outside(station, limits.place(report.evse_id), report.readings)
        return
    fresh = readings.unknown(station, session, report.readings)
    if not fresh:
        return
    at = readings.newest(fresh)
    session.heard_at = clock.now()
    readings.take(station, session, fresh, at)
    if session.state == SessionState.ACTIVE:
        announcing.updated(station, session, trigger=_trigger(fresh), station_time=at)
    else:
        merging.review(session)
    sessions.changed(session)


def cost(station: Station, transaction_id: str, at: datetime | None) -> Decimal | None:
    """What a transaction has cost: in all when it has ended, else until ``at``; None where nobody can say."""
    session = _sessions().of_transaction(station, limits.key(transaction_id))
    return None if session is None else tariffs.cost(session, at)


def note_charging_state(
    station: Station, evse_id: int, charging_state: str | None, at: datetime | None
) -> None:
    """Take in what a 1.6 connector's status says of the transaction that runs on it, if it is news."""
    sessions = _sessions()
    session = sessions.on_evse(station, evse_id)
    if session is None or not charging_state or charging_state == session.charging_state:
        return
    if at is not None and at < session.started_at:
        return
    session.charging_state = limits.text(charging_state, 20)
    session.heard_at = clock.now()
    announcing.updated(station, session, trigger="ChargingStateChanged", station_time=at)
    sessions.changed(session)


def _sessions() -> OpenSessions:
    return unit_of_work.current().buffer(OpenSessions)


def _announced(sessions: OpenSessions, station: Station, report: TransactionStart) -> ChargingSession | None:
    """The session that this start began before, or that other parts told us of."""
    if report.transaction_id is not None:
        return sessions.of_transaction(station, limits.key(report.transaction_id))
    return None if report.start_key is None else sessions.started_by(station, limits.key(report.start_key))


def _is_anothers(session: ChargingSession, start: TransactionStart) -> bool:
    """Whether this start looks like that of a session that is over, and is another one.

    By the moment they are told apart, which a station without a clock doesn't know: where its register
    doesn't count on either, each start of a card is like the one before. A start is only sent again until it
    is answered, and before that nothing ends its session.
    """
    unclocked = checks.sane_time(start.started_at) is None
    return start.transaction_id is None and unclocked and session.state == SessionState.ENDED


def _take_key(sessions: OpenSessions, session: ChargingSession) -> None:
    session.start_key = limits.key(f"{session.start_key} {session.transaction_id}")
    sessions.changed(session)
    # Before another one with that key is.
    sessions.write()


def _use_reservation(
    station: Station, session: ChargingSession, report: TransactionStart | TransactionUpdate | TransactionEnd
) -> None:
    """A station names the reservation once, when its token is shown (OCPP 2.0.1, H01.FR.15; 1.6, 5.13).

    That may be with any part: what came while it was offline may be its end alone.
    """
    if report.reservation_id is not None and session.reservation_id is not None:
        reservations.use(station, session.reservation_id, session.pk)


def _first_verdict(station: Station, session: ChargingSession, token: Token | None) -> Authorization | None:
    if token is None:
        return None
    # A stop is never concurrent: the verdict would otherwise be on this very session.
    now = id_tokens.judge(station, token, Use.STOP)
    return dataclasses.replace(now, status=AuthorizationStatus(session.authorization or now.status))


def _give_up_older(sessions: OpenSessions, station: Station, newer: ChargingSession) -> None:
    """An EVSE charges one car at a time: what its station didn't end before the next start is lost."""
    for session in sessions.active(station):
        if (
            session is not newer
            and session.evse_id is not None
            and session.evse_id == newer.evse_id
            and session.started_at <= newer.started_at
        ):
            merging.give_up(session)
            announcing.ended(station, session)
            sessions.changed(session)


def _heard_of(
    sessions: OpenSessions,
    station: Station,
    transaction_id: str,
    evse_id: int | None,
    at: datetime | None,
) -> ChargingSession:
    """The session of this transaction; if we never heard of it, one whose start may still come."""
    session = sessions.of_transaction(station, limits.key(transaction_id))
    if session is None:
        session = unannounced.new(station, transaction_id, at)
        session.evse_id = limits.place(evse_id)
        suspicions.review(session)
        sessions.add(session)
    return session


def _news(station: Station, session: ChargingSession, report: TransactionUpdate) -> TransactionUpdate | None:
    """What ``report`` says that hasn't come before; None if it says nothing else.

    A number that is new says it at once. Without one, and with the number of another part, its readings do.
    """
    repeated = merging.repeated(session, report.seq_no)
    if not repeated and sequence_numbers.possible(report.seq_no) is not None:
        return report
    fresh = readings.unknown(station, session, report.readings)
    if repeated:
        fresh = [reading for reading in fresh if reading.at is not None]
    if not fresh and (repeated or report.readings):
        return None
    if repeated:
        merging.note_reused(station)
    return dataclasses.replace(report, seq_no=None, readings=tuple(fresh))


def _ending(sessions: OpenSessions, station: Station, report: TransactionEnd) -> ChargingSession:
    """The session that is to end. Parts with sequence numbers always name their transaction."""
    transaction_id = report.transaction_id
    if report.seq_no is None and unannounced.no_number(transaction_id):
        session = unannounced.ended_without_number(sessions, station, report)
        if session is not None:
            return session
        transaction_id = unannounced.next_number(station)
    return _heard_of(sessions, station, transaction_id, report.evse_id, report.ended_at)


def _metered(sessions: OpenSessions, station: Station, report: MeterReport) -> ChargingSession | None:
    """The session that was metered. A number that is unknown never touches what runs on the EVSE."""
    at = readings.newest(report.readings)
    if report.transaction_id is not None and not unannounced.no_number(report.transaction_id):
        return _heard_of(sessions, station, report.transaction_id, report.evse_id, at)
    evse_id = limits.place(report.evse_id)
    session = sessions.on_evse(station, evse_id)
    if session is not None and (at is None or at >= session.started_at):
        return session
    if evse_id is None or at is None or clock.now() - at < LATE:
        return None
    # What a station kept while it was offline comes after the end of its session.
    return sessions.ended_around(station, evse_id, at)


def _shown(station: Station, session: ChargingSession, report: TransactionUpdate) -> Authorization | None:
    if report.token is None:
        return None
    use = Use.STOP if report.trigger == STOP_AUTHORIZED else Use.START
    return id_tokens.judge(station, report.token, use, evse_id=session.evse_id, session=session)


def _trigger(taken: Sequence[MeterReading]) -> str | None:
    """Why readings were sent, where the message doesn't say."""
    contexts = (sample.context for reading in taken for sample in reading.samples)
    return TRIGGERS.get(next(contexts, None) or "")
