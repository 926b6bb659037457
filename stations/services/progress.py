"""How far an update of the firmware, or an upload of a log, has come."""

from emobi.core import clock, events, unit_of_work
from stations.models import Station
from stations.reports import ProgressReport

# 1.6's DiagnosticsStatus where 2.0.1's UploadLogStatusEnumType has another word.
_WORDS = {"UploadFailed": "UploadFailure"}
_LONGEST = 40


def firmware(station: Station, report: ProgressReport) -> None:
    """Take note of a FirmwareStatusNotification; one that says nothing new is not told again."""
    status = report.status[:_LONGEST]
    with unit_of_work.begin():
        moved_on = Station.objects.filter(pk=station.pk).exclude(firmware_status=status)
        if moved_on.update(firmware_status=status):
            station.firmware_status = status
            events.record(
                station.subject,
                events.FirmwareStatusChanged(
                    status=status, request_id=report.request_id, received_at=clock.now()
                ),
            )


def log(station: Station, report: ProgressReport) -> None:
    """Take note of a LogStatusNotification, or of 1.6's DiagnosticsStatusNotification; as `firmware`."""
    status = _WORDS.get(report.status, report.status)[:_LONGEST]
    with unit_of_work.begin():
        moved_on = Station.objects.filter(pk=station.pk).exclude(log_status=status)
        if moved_on.update(log_status=status):
            station.log_status = status
            events.record(
                station.subject,
                events.LogStatusChanged(status=status, request_id=report.request_id, received_at=clock.now()),
            )
