"""Stations' security logs, kept with their stations; after those for ever, in the audit log."""

from itertools import batched

from emobi.core import clock, events, unit_of_work
from emobi.core.services import audit
from stations.models import SecurityEventEntry, Station
from stations.reports import SecurityEventReport

# The columns of one index entry, which PostgreSQL bounds; OCPP allows 50 and 255 characters.
_LONGEST_TYPE, _LONGEST_INFO = 100, 500

# One entry of the audit log takes so many.
_EVENTS_AN_ENTRY = 100


def record(station: Station, report: SecurityEventReport) -> None:
    """Keep an entry of the station's security log.

    Idempotent: a queue that is sent again after a reconnect says nothing new. An entry without a time can't
    be told from the one before and is kept each time.
    """
    event_type, tech_info = report.type[:_LONGEST_TYPE], (report.tech_info or "")[:_LONGEST_INFO]
    now = clock.now()
    with unit_of_work.begin():
        entry = SecurityEventEntry(
            station=station,
            type=event_type,
            tech_info=tech_info,
            station_time=report.station_time,
            received_at=now,
        )
        if report.station_time is not None and _known(entry):
            return
        entry.save(force_insert=True)
        events.record(
            station.subject,
            events.SecurityEvent(
                event_type=event_type,
                tech_info=tech_info or None,
                station_time=report.station_time,
                received_at=now,
            ),
        )


def keep(station: Station, *, by: str) -> None:
    """Write the security log of a station that is about to be deleted into the audit log."""
    kept = SecurityEventEntry.objects.filter(station=station).order_by("pk")
    said = kept.values("type", "tech_info", "station_time", "received_at")
    for some in batched(said.iterator(), _EVENTS_AN_ENTRY):
        audit.record(
            station.network_id, by, "station.security_events_kept", station.identity, {"events": some}
        )


def _known(entry: SecurityEventEntry) -> bool:
    # Only the process that holds the station's socket writes these, so nobody comes between.
    return SecurityEventEntry.objects.filter(
        station=entry.station, type=entry.type, station_time=entry.station_time, tech_info=entry.tech_info
    ).exists()
