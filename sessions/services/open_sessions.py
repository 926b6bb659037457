"""The charging sessions that a batch of messages is about: read, changed in memory, and written at once."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from emobi.core import batch
from emobi.core.batch import Found, Query
from sessions.models import ChargingSession, SessionState
from stations.models import Station

# What is said once and for all, with its type.
_IDENTITY = {
    "id": "text",
    "network_id": "bigint",
    "station_id": "bigint",
    "transaction_id": "text",
    "received_at": "timestamptz",
}
# What may change after a session began.
_COLUMNS = {
    "evse_id": "integer",
    "connector_id": "integer",
    "start_key": "text",
    "state": "text",
    "charging_state": "text",
    "id_token": "text",
    "id_token_type": "text",
    "authorization": "text",
    "remote_start_id": "bigint",
    "reservation_id": "bigint",
    "offline": "boolean",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "heard_at": "timestamptz",
    "meter_start_wh": "numeric",
    "meter_stop_wh": "numeric",
    "meter_last_wh": "numeric",
    "meter_last_at": "timestamptz",
    "power_w": "numeric",
    "soc_percent": "numeric",
    "flow": "jsonb",
    "reason": "text",
    "tariff_id": "bigint",
    "cost": "numeric",
    "suspect": "jsonb",
    "seq_first": "bigint",
    "seq_last": "bigint",
    "seq_seen": "jsonb",
}
_ALL = _IDENTITY | _COLUMNS


def _named(columns: Collection[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def _typed(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


_INSERT = f"""
INSERT INTO charging_chargingsession ({_named(_ALL)})
SELECT {_named(_ALL)} FROM jsonb_to_recordset(%s::jsonb) AS r({_typed(_ALL)})
"""
_UPDATE = f"""
UPDATE charging_chargingsession AS session
SET {", ".join(f'"{name}" = r."{name}"' for name in _COLUMNS)}
FROM jsonb_to_recordset(%s::jsonb) AS r(id text, {_typed(_COLUMNS)})
WHERE session.id = r.id
"""
# The active ones of the stations, and those that are named, each by an index of its own. There are several of
# active ones: only the right one has them in that order.
_READ = f"""
WITH said AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS r(station_id bigint, transaction_id text, start_key text)
), wanted AS (
    SELECT active.id FROM said CROSS JOIN LATERAL (
        SELECT id FROM charging_chargingsession AS session
        WHERE session.station_id = said.station_id AND state = 'active' ORDER BY evse_id OFFSET 0
    ) AS active
    UNION SELECT id FROM charging_chargingsession JOIN said USING (station_id, transaction_id)
    UNION SELECT id FROM charging_chargingsession JOIN said USING (station_id, start_key)
)
SELECT {batch.columns(ChargingSession, "session")} FROM charging_chargingsession AS session
JOIN wanted USING (id) ORDER BY id FOR NO KEY UPDATE OF session
"""

type _Named = tuple[int, str | None, str | None]


class OpenSessions:
    """Sessions as this unit of work knows them: one instance each, whoever asks.

    What is read is locked until the commit: a station that has just moved to another process can't have its
    session changed by both.
    """

    def __init__(self) -> None:
        self._of_station: dict[int, dict[str, ChargingSession]] = {}
        self._by_id: dict[str, ChargingSession] = {}
        self._on_token: dict[tuple[int, str], dict[str, ChargingSession]] = {}
        self._expected: set[_Named] = set()
        self._read: set[_Named] = set()
        self._added: dict[str, ChargingSession] = {}
        self._changed: dict[str, ChargingSession] = {}

    def expect(
        self, station_id: int, *, transaction_id: str | None = None, start_key: str | None = None
    ) -> None:
        """Have this session read with the station's active ones, and with all that is expected by then."""
        named = (station_id, transaction_id, start_key)
        if named not in self._read:
            self._expected.add(named)

    def preload(self, station_ids: Collection[int]) -> None:
        """Read the active sessions of these stations, and what else is expected."""
        for station_id in station_ids:
            self.expect(station_id)
        query = self.wanted()
        if query is not None:
            self.take_in(batch.execute(*query))

    def wanted(self) -> Query | None:
        """What reads the sessions that are expected."""
        if not self._expected:
            return None
        for station_id, _, _ in self._expected:
            self._of_station.setdefault(station_id, {})
        names = ("station_id", "transaction_id", "start_key")
        rows = [dict(zip(names, named, strict=True)) for named in self._expected]
        self._read |= self._expected
        self._expected.clear()
        return (_READ, rows)

    def take_in(self, found: Found) -> None:
        """Know them from now on. What is known already may have changed here, and stays."""
        for session in batch.instances(ChargingSession, found):
            known = self._of_station[session.station_id].setdefault(session.transaction_id, session)
            self._by_id.setdefault(known.id, known)

    def of_transaction(self, station: Station, transaction_id: str) -> ChargingSession | None:
        """The session of this station's transaction, be it over or not."""
        known = self._of_station.get(station.pk, {}).get(transaction_id)
        if known is None:
            self.expect(station.pk, transaction_id=transaction_id)
            known = self._known(station).get(transaction_id)
        return known

    def started_by(self, station: Station, start_key: str) -> ChargingSession | None:
        """The session that this start began."""
        self.expect(station.pk, start_key=start_key)
        sessions = self._known(station).values()
        return next((session for session in sessions if session.start_key == start_key), None)

    def ended_by(self, station: Station, ended_at: datetime, **columns: object) -> ChargingSession | None:
        """The session that ended at this moment by the station's clock, with these columns."""
        self.write()
        ended = ChargingSession.objects.filter(
            station=station, state=SessionState.ENDED, ended_at=ended_at, **columns
        )
        found = ended.order_by("-id").first()
        return None if found is None else self.of_transaction(station, found.transaction_id)

    def ended_around(self, station: Station, evse_id: int, at: datetime) -> ChargingSession | None:
        """The newest session that ran on this EVSE at this moment by the station's clock, and has ended."""
        # Of a whole queue of readings only the first of a session has to ask.
        known = [each for each in self._known(station).values() if _ran(each, evse_id, at)]
        if known:
            return max(known, key=lambda session: session.id)
        self.write()
        found = (
            ChargingSession.objects.filter(
                station=station,
                evse_id=evse_id,
                state=SessionState.ENDED,
                started_at__lte=at,
                ended_at__gte=at,
            )
            .order_by("-id")
            .first()
        )
        return None if found is None else self.of_transaction(station, found.transaction_id)

    def active(self, station: Station) -> list[ChargingSession]:
        """The sessions that run at this station."""
        return [known for known in self._known(station).values() if known.state == SessionState.ACTIVE]

    def on_evse(self, station: Station, evse_id: int | None) -> ChargingSession | None:
        """The session that runs on this EVSE, or the newest that was left open; of no EVSE there is none."""
        if evse_id is None:
            return None
        here = [session for session in self.active(station) if session.evse_id == evse_id]
        return max(here, key=lambda session: (session.started_at, session.id), default=None)

    def on_token(self, network_id: int, id_token: str) -> Iterator[ChargingSession]:
        """The sessions of this unit of work that have changed, and have this token, spelt like this."""
        for session in self._on_token.get((network_id, id_token), {}).values():
            if session.id_token == id_token:
                yield session

    def in_memory(self, session_id: str) -> ChargingSession | None:
        """The session, if this unit of work knows it: then the database may know it as it was."""
        return self._by_id.get(session_id)

    def add(self, session: ChargingSession) -> None:
        """Have a session inserted that we hear of for the first time.

        If another process has just inserted it, the unit of work fails with an IntegrityError in the end.
        Then it is done again, and finds it.
        """
        self._known(session.station)[session.transaction_id] = session
        self._by_id[session.id] = self._added[session.id] = session

    def changed(self, session: ChargingSession) -> None:
        """Have the session written in the end."""
        self._changed[session.id] = session
        if session.id_token:
            self._on_token.setdefault((session.network_id, session.id_token), {})[session.id] = session

    def write(self) -> None:
        """Write what has changed so far, for a query that must see it."""
        queries = self.flush()
        if queries:
            batch.execute_all(queries)

    def flush(self) -> Sequence[Query]:
        added, self._added = self._added, {}
        changed, self._changed = self._changed, {}
        queries: list[Query] = []
        if added:
            queries.append((_INSERT, [_row(session, _ALL) for session in added.values()]))
        updated = [session for session in changed.values() if session.id not in added]
        if updated:
            queries.append((_UPDATE, [_row(session, _COLUMNS) | {"id": session.id} for session in updated]))
        return queries

    def _known(self, station: Station) -> dict[str, ChargingSession]:
        if self._expected or station.pk not in self._of_station:
            self.preload([station.pk])
        return self._of_station[station.pk]


def _row(session: ChargingSession, columns: Collection[str]) -> dict[str, object]:
    return {name: getattr(session, name) for name in columns}


def _ran(session: ChargingSession, evse_id: int, at: datetime) -> bool:
    return (
        session.evse_id == evse_id
        and session.state == SessionState.ENDED
        and session.ended_at is not None
        and session.started_at <= at <= session.ended_at
    )
