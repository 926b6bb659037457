"""Connectors: which a station has, their status, and its faults."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from emobi.core import batch, checks, clock, events, ulid, unit_of_work
from emobi.core.batch import Found, Query
from stations.models import Availability, Connector, Station
from stations.reports import ProblemReport, StatusReport
from stations.services.commanding import following
from stations.services.commanding.awaited import Effect
from stations.services.device_model import evse_resets
from stations.services.registry import deviations

# A station has some; what reports more of them is broken, or means harm.
MOST_CONNECTORS = 256
# Of its components that have a problem at once.
MOST_PROBLEMS = 50

STATUSES = frozenset(Availability.values)

# 1.6's words for a connector that works, whatever error code stands beside them (quirk 41).
HARMLESS = frozenset({"Finishing"})

_READ = f"""
SELECT {batch.columns(Connector, "connector")} FROM jsonb_to_recordset(%s::jsonb) AS wanted(station_id bigint)
CROSS JOIN LATERAL (
    SELECT * FROM stations_connector WHERE station_id = wanted.station_id OFFSET 0
) AS connector
"""
_UPSERT = """
INSERT INTO stations_connector AS known (
    station_id, evse_id, connector_id, status, detail, error_code, vendor_error_code, info, problems,
    fault_id, type, station_time, changed_at, reported_at
)
SELECT s, e, c, a, d, x, v, i, b, f, y, t, n, r FROM jsonb_to_recordset(%s::jsonb) AS row(
    s bigint, e int, c int, a text, d text, x text, v text, i text, b jsonb, f text, y text,
    t timestamptz, n timestamptz, r timestamptz
)
ON CONFLICT (station_id, evse_id, connector_id) DO UPDATE SET
    status = excluded.status, detail = excluded.detail, error_code = excluded.error_code,
    vendor_error_code = excluded.vendor_error_code, info = excluded.info, problems = excluded.problems,
    fault_id = excluded.fault_id, type = excluded.type, station_time = excluded.station_time,
    changed_at = excluded.changed_at, reported_at = excluded.reported_at
"""

type _Id = tuple[int, int]


class ConnectorStates:
    """The connectors that a unit of work is about, in memory until its end."""

    def __init__(self) -> None:
        self._expected: set[int] = set()
        self._of: dict[int, dict[_Id, Connector]] = {}
        self._changed: dict[tuple[int, int, int], Connector] = {}

    def expect(self, station_id: int) -> None:
        """Have this station's read with those of all that are expected, when the first is asked for."""
        self._expected.add(station_id)

    def preload(self, station_ids: Collection[int]) -> None:
        """Read the connectors of these stations, and of those that are expected, in one query."""
        self._expected.update(station_ids)
        query = self.wanted()
        if query is not None:
            self.take_in(batch.execute(*query))

    def wanted(self) -> Query | None:
        """What reads the connectors of the stations that are expected."""
        missing = self._expected.difference(self._of)
        self._expected.clear()
        for station_id in missing:
            self._of[station_id] = {}
        return (_READ, [{"station_id": station_id} for station_id in missing]) if missing else None

    def take_in(self, found: Found) -> None:
        """Know them from now on."""
        for connector in batch.instances(Connector, found):
            self._of[connector.station_id][connector.evse_id, connector.connector_id] = connector

    def of(self, station_id: int) -> dict[_Id, Connector]:
        """The connectors of a station by EVSE and connector; to be read, not changed."""
        if station_id not in self._of:
            self.preload([station_id])
        return self._of[station_id]

    def get(self, station_id: int, evse_id: int, connector_id: int) -> Connector | None:
        """The connector, a new one if need be; None if there can't be one of that number, or not one more."""
        known = self.of(station_id)
        found = known.get((evse_id, connector_id))
        if found is not None:
            return found
        if len(known) >= MOST_CONNECTORS or number(evse_id) is None or number(connector_id) is None:
            return None
        now = clock.now()
        made = Connector(
            station_id=station_id, evse_id=evse_id, connector_id=connector_id, changed_at=now, reported_at=now
        )
        known[evse_id, connector_id] = made
        self.change(made)
        return made

    def change(self, connector: Connector) -> None:
        """Write ``connector`` at the end of the unit of work."""
        self._changed[connector.station_id, connector.evse_id, connector.connector_id] = connector

    def flush(self) -> Sequence[Query]:
        return [(_UPSERT, [_row(connector) for connector in self._changed.values()])] if self._changed else []


def number(reported: int | None) -> int | None:
    """An EVSE's or connector's number; None for one that no station can have."""
    return reported if reported is not None and 0 <= reported <= checks.LAST_PLACE else None


def expect(station: Station) -> None:
    """Have the connectors of a station read with those of the rest of its batch."""
    unit_of_work.current().buffer(ConnectorStates).expect(station.pk)


def report_status(station: Station, report: StatusReport) -> None:
    """Apply a StatusNotification.

    Idempotent: what is reported again changes nothing but the time of the report. A status that isn't one of
    `Availability` leaves the last one as it was (quirk 40).
    """
    work = unit_of_work.current()
    states = work.buffer(ConnectorStates)
    row = states.get(station.pk, report.evse_id, report.connector_id)
    if row is None:
        _refuse(station, "StatusNotification", report.evse_id, report.connector_id)
        return
    status = report.status if report.status in STATUSES else row.status
    faulted = (
        status == Availability.FAULTED
        or (report.error_code is not None and report.detail not in HARMLESS)
        or bool(row.problems)
    )
    before = (row.status, row.error_code, row.vendor_error_code)
    info_before, detail_before, since = row.info, row.detail, row.changed_at
    _take(row, status, report, keep_code=faulted and row.fault_id != "")
    states.change(row)
    if status and (status, row.error_code, row.vendor_error_code) != before:
        row.changed_at = clock.now()
        _tell_status(station, row, report, previous=before[0])
    elif row.detail != detail_before:
        work.nudge(f"live.{station.network_id}", station.identity)
    if faulted and not row.fault_id:
        row.fault_id = ulid.new()
        _tell_fault(
            events.StationFault, station, row, report, (row.error_code, row.vendor_error_code, row.info)
        )
    elif row.fault_id and not faulted:
        _tell_fault(events.StationFaultCleared, station, row, report, (*before[1:], info_before))
        row.fault_id = ""
    tell_availability(station)
    evse_resets.reported(station, report, status, before=before[0], since=since)


def tell_availability(station: Station) -> None:
    """Tell those who wait for connectors to be in or out of service how they are by now."""
    if following.awaits(station, Effect.AVAILABILITY):
        known = unit_of_work.current().buffer(ConnectorStates).of(station.pk).values()
        following.seen_where(station, Effect.AVAILABILITY, lambda like: _obeyed(known, like), {})


def _obeyed(known: Iterable[Connector], asked: Mapping[str, Any]) -> bool:
    """Whether all connectors that a SetAvailability was about are as it asked."""
    about = [
        connector.status
        for connector in known
        if connector.evse_id
        and asked["evse_id"] in (None, connector.evse_id)
        and asked["connector_id"] in (None, connector.connector_id)
    ]
    out_of_service = asked["operational_status"] == "Inoperative"
    return bool(about) and all(
        status and (status == Availability.UNAVAILABLE) == out_of_service for status in about
    )


def report_problem(station: Station, report: ProblemReport) -> None:
    """A component has a problem, or has it no more: a fault of its connector, as long as there is one.

    A connector has one fault at a time, whatever it is told by: StatusNotification says of most that it is
    there, and NotifyEvent what it is, before or after it. Idempotent.
    """
    states = unit_of_work.current().buffer(ConnectorStates)
    row = states.get(station.pk, report.evse_id, report.connector_id)
    if row is None:
        _refuse(station, "NotifyEvent", report.evse_id, report.connector_id)
        return
    others = [component for component in row.problems if component != report.component]
    if report.present == (len(others) < len(row.problems)) or len(others) >= MOST_PROBLEMS:
        return
    row.problems = [*others, report.component] if report.present else others
    row.reported_at = clock.now()
    states.change(row)
    if report.present and not row.fault_id:
        row.fault_id = ulid.new()
        row.error_code = (report.error_code or "")[:50]
        row.vendor_error_code = (report.vendor_error_code or "")[:255]
        row.info = (report.info or "")[:500]
        fault = (row.error_code, row.vendor_error_code, row.info)
        _tell_fault(events.StationFault, station, row, report, fault)
    elif report.present and not row.error_code and report.error_code:
        row.error_code = report.error_code[:50]
        row.vendor_error_code = row.vendor_error_code or (report.vendor_error_code or "")[:255]
        row.info = row.info or (report.info or "")[:500]
        _tell_status(station, row, report, previous=row.status)
    elif row.fault_id and not row.problems and row.status != Availability.FAULTED:
        fault = (row.error_code, row.vendor_error_code, row.info)
        _tell_fault(events.StationFaultCleared, station, row, report, fault)
        row.fault_id = row.error_code = row.vendor_error_code = row.info = ""


def learn(
    station: Station, evse_id: int | None, connector_id: int | None, connector_type: str | None = None
) -> None:
    """Note that the station has this connector, of this ConnectorEnumType. None, or 0: nothing is learnt.

    Not every station reports all of its connectors (quirk 45), so they are learnt from whatever names them.
    """
    if not evse_id or not connector_id:
        return
    states = unit_of_work.current().buffer(ConnectorStates)
    row = states.get(station.pk, evse_id, connector_id)
    if row is None:
        _refuse(station, "", evse_id, connector_id)
    elif connector_type and row.type != connector_type[:40]:
        row.type = connector_type[:40]
        states.change(row)


def _take(row: Connector, status: str, report: StatusReport, *, keep_code: bool) -> None:
    """Take over what was said. While a fault is open the first code it was given stays (quirk 42)."""
    error_code = (report.error_code or "")[:50]
    vendor_error_code = (report.vendor_error_code or "")[:255]
    info = (report.info or "")[:500]
    if keep_code:
        error_code = row.error_code or error_code
        vendor_error_code = row.vendor_error_code or vendor_error_code
        info = info or row.info
    row.status = status
    row.detail = (report.detail or "")[:40]
    row.error_code = error_code
    row.vendor_error_code = vendor_error_code
    row.info = info
    row.station_time = report.station_time
    row.reported_at = clock.now()


def _tell_status(
    station: Station, row: Connector, report: StatusReport | ProblemReport, *, previous: str
) -> None:
    events.record(
        station.subject,
        events.ConnectorStatusChanged(
            status=row.status,
            detail=row.detail or None,
            previous=previous or None,
            error_code=row.error_code or None,
            vendor_error_code=row.vendor_error_code or None,
            info=row.info or None,
            **_place(row, report),
        ),
    )


def _tell_fault(
    kind: type[events.StationFault],
    station: Station,
    row: Connector,
    report: StatusReport | ProblemReport,
    fault: Iterable[str],
) -> None:
    error_code, vendor_error_code, info = fault
    events.record(
        station.subject,
        kind(
            error_code=error_code or "OtherError",
            vendor_error_code=vendor_error_code or None,
            info=info or None,
            fault_id=row.fault_id,
            **_place(row, report),
        ),
    )


def _place(row: Connector, report: StatusReport | ProblemReport) -> dict[str, Any]:
    """Where and when; neither EVSE nor connector is the station itself."""
    return {
        "evse_id": row.evse_id or None,
        "connector_id": row.connector_id or None,
        "station_time": report.station_time,
        "received_at": row.reported_at,
    }


def _refuse(station: Station, action: str, evse_id: int, connector_id: int) -> None:
    detail = f"EVSE {evse_id}, connector {connector_id}: at most {MOST_CONNECTORS}, up to {checks.LAST_PLACE}"
    deviations.note(station, action, [deviations.Found("connectorId", "connectors", detail)])


def _row(connector: Connector) -> dict[str, object]:
    return {
        "s": connector.station_id,
        "e": connector.evse_id,
        "c": connector.connector_id,
        "a": connector.status,
        "d": connector.detail,
        "x": connector.error_code,
        "v": connector.vendor_error_code,
        "i": connector.info,
        "b": connector.problems,
        "f": connector.fault_id,
        "y": connector.type,
        "t": connector.station_time,
        "n": connector.changed_at,
        "r": connector.reported_at,
    }
