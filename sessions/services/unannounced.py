"""Sessions that a message is about though we can't look them up by the transaction it names.

A station that never saw our answer to its start sends -1 (OCPP 1.6 errata 3.18) or, in practice, 0; another
sends the number that a former system gave it. Numbers are only looked for at the station that sends them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from emobi.core import batch, clock, ulid, unit_of_work
from emobi.core.batch import Found, Query
from sessions import limits, suspicions
from sessions.measurands import register
from sessions.models import ChargingSession
from sessions.reports import Token, TransactionEnd
from sessions.services import id_tokens
from sessions.services.open_sessions import OpenSessions
from sessions.suspicions import Suspicion
from stations.models import Station

# None for a station that has a session of that number already, which a former system gave it.
_NEXT_NUMBERS = """
WITH next AS MATERIALIZED (
    SELECT station_id, nextval('charging_transaction_number')::text AS number
    FROM jsonb_to_recordset(%s::jsonb) AS r(station_id bigint)
)
SELECT station_id, number FROM next WHERE NOT EXISTS (
    SELECT 1 FROM charging_chargingsession AS session
    WHERE session.station_id = next.station_id AND transaction_id = number
)
"""


class Numbers:
    """Transaction ids for stations that leave them to us: positive, of 32 bits, each new to its station."""

    def __init__(self) -> None:
        self._expected: list[int] = []
        self._free: defaultdict[int, list[str]] = defaultdict(list)

    def expect(self, station_id: int) -> None:
        """Have one more number ready for this station."""
        self._expected.append(station_id)

    def take(self, station_id: int) -> str:
        """A number for this station. What isn't taken in the end is lost: there are enough."""
        while not self._free[station_id]:
            self._expected.append(station_id)
            query = self.wanted()
            assert query is not None
            self.take_in(batch.execute(*query))
        return self._free[station_id].pop(0)

    def flush(self) -> Sequence[Query]:
        """Nothing is left to be written."""
        return ()

    def wanted(self) -> Query | None:
        """What makes the numbers that are expected."""
        if not self._expected:
            return None
        rows = [{"station_id": station_id} for station_id in self._expected]
        self._expected.clear()
        return (_NEXT_NUMBERS, rows)

    def take_in(self, found: Found) -> None:
        """Keep them ready."""
        for station_id, number in found:
            self._free[station_id].append(number)


def next_number(station: Station) -> str:
    """A transaction id for a station that leaves it to us."""
    return unit_of_work.current().buffer(Numbers).take(station.pk)


def no_number(transaction_id: str) -> bool:
    """Whether this is how a 1.6 station says that it doesn't know the number."""
    return transaction_id == "0" or transaction_id.startswith("-")


def new(station: Station, transaction_id: str, at: datetime | None) -> ChargingSession:
    """A session that we hear of for the first time, as far as all messages tell; not yet in the database."""
    now = clock.now()
    return ChargingSession(
        id=ulid.new(),
        network_id=station.network_id,
        station=station,
        transaction_id=limits.key(transaction_id),
        started_at=at or now,
        received_at=now,
        heard_at=now,
    )


def ended_without_number(
    sessions: OpenSessions, station: Station, report: TransactionEnd
) -> ChargingSession | None:
    """The one session that this end can mean; None if there is none, or more than one.

    The end may be one that has been sent before. Else it is a session that runs here, began before, with no
    more on the meter, on the same token; or, where there is none, on one that this token may end. Another
    session's end would be the worse mistake: then it is none.
    """
    if report.ended_at is not None:
        repeated = sessions.ended_by(station, report.ended_at, meter_stop_wh=register(report.meter_stop_wh))
        if repeated is not None:
            return repeated
    fitting = [session for session in sessions.active(station) if _may_end(session, report)]
    possible = [session for session in fitting if _is_on(session, report.token)]
    if not possible and report.token is not None:
        shown = report.token.id_token
        possible = [
            session
            for session in fitting
            if id_tokens.may_end_anothers(station.network_id, shown, session.id_token)
        ]
    if len(possible) != 1:
        return None
    suspicions.note(possible[0], Suspicion.NO_NUMBER)
    return possible[0]


def _may_end(session: ChargingSession, report: TransactionEnd) -> bool:
    if report.ended_at is not None and session.started_at > report.ended_at:
        return False
    start, stop = session.meter_start_wh, register(report.meter_stop_wh)
    return start is None or stop is None or start <= stop


def _is_on(session: ChargingSession, token: Token | None) -> bool:
    return token is None or session.id_token.casefold() == token.id_token.casefold()
