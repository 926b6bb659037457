"""The charging sessions that a batch of messages is about: read, changed in memory, and written at once."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from emobi.core import batch
from sessions.models import ChargingSession, SessionState
from stations.models import Station

# What may change after a session began, with its type.
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
    "reason": "text",
    "suspect": "jsonb",
    "seq_first": "bigint",
    "seq_last": "bigint",
    "seq_seen": "jsonb",
}
_UPDATE = f"""
UPDATE charging_chargingsession AS session
SET {", ".join(f'"{name}" = r."{name}"' for name in _COLUMNS)}
FROM jsonb_to_recordset(%s::jsonb) AS r(id text, {", ".join(f'"{n}" {kind}' for n, kind in _COLUMNS.items())})
WHERE session.id = r.id
"""


class OpenSessions:
    """Sessions as this unit of work knows them: one instance each, whoever asks.

    What is read is locked until the commit: a station that has just moved to another process can't have its
    session changed by both.
    """

    def __init__(self) -> None:
        self._of_station: dict[int, dict[str, ChargingSession]] = {}
        self._changed: dict[str, ChargingSession] = {}

    def preload(self, station_ids: Collection[int]) -> None:
        """Read the active sessions of these stations."""
        wanted = [station_id for station_id in station_ids if station_id not in self._of_station]
        if not wanted:
            return
        for station_id in wanted:
            self._of_station[station_id] = {}
        active = ChargingSession.objects.filter(station_id__in=wanted, state=SessionState.ACTIVE)
        for session in active.select_for_update(no_key=True).order_by("id"):
            self._of_station[session.station_id][session.transaction_id] = session

    def of_transaction(self, station: Station, transaction_id: str) -> ChargingSession | None:
        """The session of this station's transaction, be it over or not."""
        known = self._known(station).get(transaction_id)
        return known or self._read(station, transaction_id=transaction_id)

    def started_by(self, station: Station, start_key: str) -> ChargingSession | None:
        """The session that this start began."""
        for session in self._known(station).values():
            if session.start_key == start_key:
                return session
        return self._read(station, start_key=start_key)

    def ended_by(self, station: Station, ended_at: datetime, **columns: object) -> ChargingSession | None:
        """The session that ended at this moment by the station's clock, with these columns."""
        self.write()
        return self._read(station, state=SessionState.ENDED, ended_at=ended_at, **columns)

    def active(self, station: Station) -> list[ChargingSession]:
        """The sessions that run at this station."""
        return [known for known in self._known(station).values() if known.state == SessionState.ACTIVE]

    def on_evse(self, station: Station, evse_id: int | None) -> ChargingSession | None:
        """The session that runs on this EVSE, or the newest that was left open; of no EVSE there is none."""
        if evse_id is None:
            return None
        here = [session for session in self.active(station) if session.evse_id == evse_id]
        return max(here, key=lambda session: (session.started_at, session.id), default=None)

    def add(self, session: ChargingSession) -> None:
        """Insert a session that has begun.

        Raises:
            django.db.IntegrityError: If another process has just inserted it. Then the unit of work is done
                again, and finds it.
        """
        self._known(session.station)[session.transaction_id] = session
        session.save(force_insert=True)

    def changed(self, session: ChargingSession) -> None:
        """Have the session written in the end."""
        self._changed[session.id] = session

    def write(self) -> None:
        """Write what has changed so far, for a query that must see it."""
        if self._changed:
            changed, self._changed = self._changed, {}
            batch.execute(_UPDATE, [_row(session) for session in changed.values()])

    def flush(self) -> None:
        self.write()

    def _known(self, station: Station) -> dict[str, ChargingSession]:
        known = self._of_station.get(station.pk)
        if known is None:
            self.preload([station.pk])
            known = self._of_station[station.pk]
        return known

    def _read(self, station: Station, **columns: object) -> ChargingSession | None:
        found = (
            ChargingSession.objects.filter(station=station, **columns)
            .select_for_update(no_key=True)
            .order_by("-id")
            .first()
        )
        if found is None:
            return None
        return self._known(station).setdefault(found.transaction_id, found)


def _row(session: ChargingSession) -> dict[str, object]:
    row: dict[str, object] = {"id": session.id}
    for name in _COLUMNS:
        value = getattr(session, name)
        row[name] = str(value) if isinstance(value, Decimal) else value
    return row
