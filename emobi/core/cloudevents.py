"""Events as integrators get them: CloudEvents 1.0, structured JSON."""

from typing import Any

from emobi.core import clock
from emobi.core.models import Event

PREFIX = "emobi."
CONTENT_TYPE = "application/cloudevents+json"


def envelope(event: Event, network_slug: str) -> dict[str, Any]:
    """The envelope of ``event``. ``sequence`` is text: JSON numbers end at 2**53 in some readers."""
    source = f"/networks/{network_slug}"
    if event.station is not None:
        source += f"/stations/{event.station}"
    return {
        "specversion": "1.0",
        "id": event.id,
        "type": PREFIX + event.type,
        "source": source,
        "subject": event.station,
        "time": clock.iso(event.time),
        "datacontenttype": "application/json",
        "network": network_slug,
        "station": event.station,
        "ocppversion": event.ocpp_version,
        "sequence": str(event.sequence),
        "data": event.data,
    }
