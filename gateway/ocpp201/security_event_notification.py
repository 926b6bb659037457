"""SecurityEventNotification (OCPP 2.0.1, use case A04): an entry of the station's security log.

Entries are queued while the station is offline, so they may be old, and they may come twice.
"""

from gateway import timestamps
from gateway.adapter import Payload
from stations.models import Station
from stations.reports import SecurityEventReport
from stations.services.trust import security_events


def parse(payload: Payload) -> SecurityEventReport:
    """Translate SecurityEventNotificationRequest."""
    return SecurityEventReport(
        type=payload["type"],
        station_time=timestamps.read(payload.get("timestamp")),
        tech_info=payload.get("techInfo") or None,
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the entry for ever, and tell of it, once."""
    security_events.record(station, parse(payload))
    return {}
