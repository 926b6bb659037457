"""Events as integrators get them: CloudEvents 1.0, structured JSON."""

from typing import Any

from emobi.core import clock, events
from emobi.core.errors import Invalid
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


def types(names: str) -> frozenset[str]:
    """The types of events that a comma-separated list names, without the prefix.

    A name may have the prefix; "session.*" names all types of a noun, "*" all.

    Raises:
        Invalid: If one names no type.
    """
    return frozenset().union(*(_named(name.strip()) for name in names.split(",")))


def _named(name: str) -> frozenset[str]:
    wanted = name.removeprefix(PREFIX)
    found = frozenset(kind for kind in events.TYPES if wanted in (kind, f"{kind.partition('.')[0]}.*", "*"))
    if not found:
        raise Invalid(f"{name[:64]!r} is neither a type of events nor a wildcard like session.*.", "type")
    return found
