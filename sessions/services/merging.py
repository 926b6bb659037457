"""How the parts of a transaction make a session: the same one, in whatever order and however often they come.

What is said once (EVSE, token, numbers) isn't taken back by parts that lack it.
Source: OCPP 2.0.1 part 2, E.1.5.
"""

from datetime import datetime
from decimal import Decimal

from emobi.core import checks, clock
from sessions import limits, measurands, sequence_numbers, suspicions
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.models import ChargingSession, SessionState
from sessions.reports import Token, TransactionEnd, TransactionStart, TransactionUpdate
from sessions.services import readings, tariffs
from sessions.suspicions import Suspicion
from stations.models import Station
from stations.services.registry import deviations

type Part = TransactionStart | TransactionUpdate | TransactionEnd


def repeated(session: ChargingSession, seq_no: int | None) -> bool:
    """Whether the part of this number has come before."""
    return seq_no is not None and sequence_numbers.seen(session.seq_seen, seq_no)


def note_reused(station: Station) -> None:
    """Note that a part had the number of another one: some count anew after a reboot, others never count."""
    found = deviations.Found("seqNo", "repeated", "the number of another part: taken without it")
    deviations.note(station, "", [found])


def note_beyond(station: Station, part: Part) -> None:
    """Note what ``part`` says that can't be.

    Numbers that OCPP has no words for name nothing, so they are left out; for a start or an end without a
    time that a clock can say, ours is taken.
    """
    reserved = None if isinstance(part, TransactionEnd) else part.reservation_id
    found = [
        deviations.Found(path, "range", "no integer of OCPP's: left out")
        for path, said, low in (
            ("seqNo", part.seq_no, 0),
            ("reservationId", reserved, checks.SMALLEST),
            ("transactionInfo.remoteStartId", part.remote_start_id, checks.SMALLEST),
        )
        if said is not None and not low <= said <= checks.LARGEST
    ]
    if _is_unclocked(part):
        found.append(deviations.Found("timestamp", "no clock", "no time that can be: ours is taken"))
    if found:
        deviations.note(station, "", found)


def _is_unclocked(part: Part) -> bool:
    """Whether our clock has to say when a transaction began or ended."""
    match part:
        case TransactionStart(started_at=at) | TransactionEnd(ended_at=at):
            return at is None
    return False


def merge(session: ChargingSession, part: Part, at: datetime | None) -> None:
    """Take in what any part may say, whose moment by the station's clock is ``at``."""
    session.heard_at = clock.now()
    session.offline = session.offline or part.offline
    if session.evse_id is None:
        session.evse_id = limits.place(part.evse_id)
    if session.connector_id is None:
        session.connector_id = limits.place(part.connector_id)
    if session.remote_start_id is None:
        session.remote_start_id = checks.sane_integer(part.remote_start_id)
    if session.reservation_id is None:
        session.reservation_id = checks.sane_integer(part.reservation_id)
    if session.start_key is None and at is not None:
        # Until its start comes, a session began with the earliest we heard of it.
        session.started_at = min(session.started_at, at)
    _merge_state(session, part)
    seq_no = sequence_numbers.possible(part.seq_no)
    if seq_no is not None:
        session.seq_seen = sequence_numbers.with_number(session.seq_seen, seq_no)


def begin(session: ChargingSession, start: TransactionStart, authorization: Authorization | None) -> None:
    """Take in the start. Of what other parts may say too, it has the last word."""
    session.start_key = limits.key(start.start_key or session.transaction_id)
    session.started_at = start.started_at or session.started_at
    if _is_unclocked(start):
        suspicions.note(session, Suspicion.NO_CLOCK)
    session.seq_first = sequence_numbers.possible(start.seq_no)
    merge(session, start, start.started_at)
    if start.token is not None and authorization is not None:
        session.id_token = ""
        note_token(session, start.token, authorization)
    meter_start_wh = measurands.register(start.meter_start_wh)
    if start.meter_start_wh is not None and meter_start_wh is None:
        suspicions.note(session, Suspicion.IMPOSSIBLE_VALUE)
    if meter_start_wh is None:
        meter_start_wh = readings.opening_register(start.readings)
    if meter_start_wh is not None:
        session.meter_start_wh = meter_start_wh
        if (
            session.meter_last_wh is not None
            and session.meter_last_wh < meter_start_wh - readings.ROUNDING_WH
        ):
            suspicions.note(session, Suspicion.METER_WENT_BACK)


def note_token(session: ChargingSession, token: Token | None, authorization: Authorization) -> None:
    """Take in the token that it runs on, which is the first that was shown to start it."""
    if token is not None and not session.id_token:
        session.id_token = limits.text(token.id_token, 255)
        session.id_token_type = limits.text(token.type, 20)
        session.authorization = authorization.status
        if authorization.status == AuthorizationStatus.ACCEPTED:
            session.tariff_id = authorization.tariff_id


def finish(session: ChargingSession, end: TransactionEnd) -> None:
    """Take in the end. Live figures end with the session; its readings may still come."""
    _stand_still(session, SessionState.ENDED)
    session.ended_at = end.ended_at or clock.now()
    if _is_unclocked(end):
        suspicions.note(session, Suspicion.NO_CLOCK)
    session.reason = limits.text(end.reason, 40)
    session.seq_last = sequence_numbers.possible(end.seq_no)
    if end.meter_stop_wh is not None and measurands.register(end.meter_stop_wh) is None:
        suspicions.note(session, Suspicion.IMPOSSIBLE_VALUE)
    meter_stop_wh = _last_register(end)
    if meter_stop_wh is not None:
        session.meter_stop_wh = meter_stop_wh


def differs(session: ChargingSession, end: TransactionEnd) -> bool:
    """Whether this end says another register or another moment than the one that ended the session.

    What it doesn't say differs from nothing.
    """
    meter_stop_wh = _last_register(end)
    return (meter_stop_wh is not None and meter_stop_wh != session.meter_stop_wh) or (
        end.ended_at is not None and end.ended_at != session.ended_at
    )


def _last_register(end: TransactionEnd) -> Decimal | None:
    said = measurands.register(end.meter_stop_wh)
    return readings.closing_register(end.readings) if said is None else said


def give_up(session: ChargingSession) -> None:
    """Its station went on without it. How it ended is unknown."""
    _stand_still(session, SessionState.LOST)
    review(session)


def review(session: ChargingSession) -> None:
    """Note what follows from the figures: whether they are suspect, and what it cost if it is over.

    To be called whenever they changed; a part that comes late changes both.
    """
    suspicions.review(session)
    if session.state != SessionState.ACTIVE:
        tariffs.settle(session)


def _stand_still(session: ChargingSession, state: SessionState) -> None:
    session.state = state
    session.charging_state = ""
    session.power_w = None


def _merge_state(session: ChargingSession, part: Part) -> None:
    """The charging state is the newest part's; parts without numbers come in order."""
    if not part.charging_state or session.state != SessionState.ACTIVE:
        return
    seq_no = sequence_numbers.possible(part.seq_no)
    newest = seq_no is None or not session.seq_seen or seq_no > session.seq_seen[-1][1]
    if newest or not session.charging_state:
        session.charging_state = limits.text(part.charging_state, 20)
