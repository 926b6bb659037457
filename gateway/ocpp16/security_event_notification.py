"""SecurityEventNotification (OCPP 1.6 security whitepaper, section 5.15): an entry of a station's own log.

Entries are queued while the station is offline, so they may be old, and they may come twice.
"""

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.models import Station
from stations.reports import SecurityEventReport
from stations.services.trust import security_events


def parse(payload: Payload) -> SecurityEventReport:
    """Translate SecurityEventNotification.req."""
    return SecurityEventReport(
        type=payload["type"],
        station_time=timestamps.read(payload.get("timestamp")),
        tech_info=fields.text(payload.get("techInfo")),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the entry for ever, and tell of it, once."""
    security_events.record(station, parse(payload))
    return {}
