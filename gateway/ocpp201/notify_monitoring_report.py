"""NotifyMonitoringReport (OCPP 2.0.1, use case N02): a part of a report on a station's monitors."""

from collections.abc import Iterator

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.models import Station
from stations.reports import MonitorReport, MonitorsReport
from stations.services.device_model import monitors


def parse(payload: Payload) -> MonitorsReport:
    """Translate NotifyMonitoringReportRequest; without ``tbc`` it is the last part."""
    return MonitorsReport(
        request_id=payload["requestId"],
        seq_no=payload["seqNo"],
        last=not payload.get("tbc", False),
        station_time=timestamps.read(payload.get("generatedAt")),
        monitors=tuple(monitor for element in payload.get("monitor", ()) for monitor in _monitors(element)),
    )


def _monitors(element: Payload) -> Iterator[MonitorReport]:
    named = fields.named(element)
    for monitor in element["variableMonitoring"]:
        yield MonitorReport(
            **named,
            monitor_id=monitor["id"],
            type=monitor["type"],
            value=monitor["value"],
            severity=monitor["severity"],
            transaction=monitor["transaction"],
        )


def handle(station: Station, payload: Payload) -> Payload:
    """Take the monitors over; tell when the report is complete."""
    monitors.report(station, parse(payload))
    return {}
