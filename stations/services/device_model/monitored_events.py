"""What monitors of stations' device models noticed (2.0.1)."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from emobi.core import checks, clock, unit_of_work
from stations import masking
from stations.models import MonitoredEvent, Station
from stations.reports import MonitoredEventReport, ProblemReport, StatusReport
from stations.services.device_model import connectors
from stations.services.registry import deviations

_LONGEST_VALUE = 10_000

# 1.6's word for a problem of a component, where it has one (ChargePointErrorCode, OCPP 1.6 section 7.6).
ERROR_CODES = {
    "connectorplugretentionlock": "ConnectorLockFailure",
    "fiscalmetering": "PowerMeterFailure",
    "overcurrentprotection": "OverCurrentFailure",
    "powercontactor": "PowerSwitchFailure",
    "rcd": "GroundFailure",
    "tokenreader": "ReaderFailure",
}

type _Key = tuple[int, datetime | None]


def record(station: Station, reports: Sequence[MonitoredEventReport]) -> None:
    """Keep the elements of a NotifyEvent, and take over what they say of connectors and their faults.

    Idempotent: an element is known by its id and its time, because ids start over when a station reboots.
    """
    with unit_of_work.begin() as work:
        if any(_event_id(report.event_id) != report.event_id for report in reports):
            found = deviations.Found(
                "eventData[].eventId", "range", "no integer of OCPP's: its last 31 bits kept"
            )
            deviations.note(station, "NotifyEvent", [found])
        known = _known(station, reports)
        rows = {
            _key(row): (row, report) for report in reports if _key(row := _row(station, report)) not in known
        }
        MonitoredEvent.objects.bulk_create([row for row, _ in rows.values()])
        for _, report in rows.values():
            connectors.learn(station, report.evse_id, report.connector_id)
            _apply(station, report)
        work.nudge(f"live.{station.network_id}", station.identity)


def _known(station: Station, reports: Sequence[MonitoredEventReport]) -> set[_Key]:
    """Those that came before. Only the process that holds the station's socket writes them."""
    ids = {_row(station, report).event_id for report in reports}
    found = MonitoredEvent.objects.filter(station=station, event_id__in=ids)
    return set(found.values_list("event_id", "station_time"))


def _apply(station: Station, report: MonitoredEventReport) -> None:
    """A station may say by NotifyEvent what it says by StatusNotification else, and what its faults are.

    Source: OCPP 2.0.1 part 2, G01.FR.03 to .07 and G05.FR.02.
    """
    match report.variable.casefold():
        case "availabilitystate" if not report.cleared:
            _take_status(station, report)
        case "problem":
            connectors.report_problem(station, _problem(report))


def _take_status(station: Station, report: MonitoredEventReport) -> None:
    """Of a connector, or of the station. That of an EVSE is made of its connectors'."""
    place = (report.evse_id, report.connector_id)
    of_station = report.component.casefold() == "chargingstation" and place == (None, None)
    if not of_station and (report.component.casefold() != "connector" or None in place):
        return
    said = StatusReport(
        evse_id=report.evse_id or 0,
        connector_id=report.connector_id or 0,
        status=report.actual_value,
        station_time=report.station_time,
    )
    connectors.report_status(station, said)


def _problem(report: MonitoredEventReport) -> ProblemReport:
    """What is wrong with an EVSE as a whole is so with its first connector."""
    instance = report.detail.get("component_instance")
    return ProblemReport(
        evse_id=report.evse_id or 0,
        connector_id=(report.connector_id or 1) if report.evse_id else 0,
        component=f"{report.component}.{instance}" if instance else report.component,
        present=not report.cleared and report.actual_value.strip().casefold() in ("true", "1"),
        error_code=ERROR_CODES.get(report.component.casefold()),
        vendor_error_code=report.detail.get("tech_code"),
        info=report.detail.get("tech_info"),
        station_time=report.station_time,
    )


def _key(row: MonitoredEvent) -> _Key:
    return (row.event_id, row.station_time)


def _event_id(said: int) -> int:
    """The id as it is kept. Of one that is too large (milliseconds since 1970, say) what tells it apart."""
    return said if checks.SMALLEST <= said <= checks.LARGEST else said & checks.LARGEST


def _row(station: Station, report: MonitoredEventReport) -> MonitoredEvent:
    secret = masking.is_secret(report.variable)
    return MonitoredEvent(
        station=station,
        event_id=_event_id(report.event_id),
        station_time=report.station_time,
        received_at=clock.now(),
        trigger=report.trigger[:20],
        component=report.component[:50],
        evse_id=connectors.number(report.evse_id),
        connector_id=connectors.number(report.connector_id),
        variable=report.variable[:50],
        actual_value=masking.MASK if secret else report.actual_value[:_LONGEST_VALUE],
        cleared=report.cleared,
        transaction_id=(report.transaction_id or "")[:64],
        detail=report.detail if len(orjson.dumps(report.detail)) <= _LONGEST_VALUE else {},
    )
