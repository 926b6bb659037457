"""What is sent: the envelope of an event, as everywhere else."""

import dataclasses

import orjson

from emobi.core import clock, cloudevents, events, ulid
from emobi.core.models import Event, Network


def body(event: Event, network_slug: str) -> bytes:
    """The envelope of ``event`` as it is signed and sent."""
    return orjson.dumps(cloudevents.envelope(event, network_slug))


def sample(network: Network, kind: str) -> Event:
    """An event of type ``kind`` to try an endpoint out with: the newest, else one that knows nothing.

    It gets an id of its own: receivers that drop repetitions are to see it.
    """
    newest = Event.objects.filter(network=network, type=kind).order_by("-sequence").first()
    data = {field.name: None for field in dataclasses.fields(events.TYPES[kind])}
    return Event(
        id=ulid.new(),
        network=network,
        sequence=newest.sequence if newest else 0,
        type=kind,
        station=newest.station if newest else None,
        ocpp_version=newest.ocpp_version if newest else None,
        time=clock.wall(),
        data=newest.data if newest else data,
    )
