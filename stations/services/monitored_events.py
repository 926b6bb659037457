"""What monitors of stations' device models noticed (2.0.1)."""

from collections.abc import Sequence

import orjson

from emobi.core import clock, unit_of_work
from stations import masking
from stations.models import MonitoredEvent, Station
from stations.reports import MonitoredEventReport
from stations.services import connectors

_LONGEST_VALUE = 10_000
_HIGHEST_EVENT_ID = 2**63 - 1


def record(station: Station, reports: Sequence[MonitoredEventReport]) -> None:
    """Keep the elements of a NotifyEvent.

    Idempotent: an element is known by its id and its time, because ids start over when a station reboots.
    """
    with unit_of_work.begin() as work:
        MonitoredEvent.objects.bulk_create(
            [_row(station, report) for report in reports], ignore_conflicts=True
        )
        for report in reports:
            connectors.learn(station, report.evse_id, report.connector_id)
        work.nudge(f"live.{station.network_id}", station.identity)


def _row(station: Station, report: MonitoredEventReport) -> MonitoredEvent:
    secret = masking.is_secret(report.variable)
    return MonitoredEvent(
        station=station,
        event_id=max(-_HIGHEST_EVENT_ID, min(report.event_id, _HIGHEST_EVENT_ID)),
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
