"""What is sent: the envelope of an event, as everywhere else, unless it is very large.

Receivers may refuse large bodies, so Standard Webhooks asks for small ones. What is larger goes without its
largest data, and says so: `dataref` is where all of it is (CloudEvents' extension of that name), `shortened`
names the keys that are missing in `data`.
"""

import dataclasses
from typing import Any

import orjson

from emobi.core import clock, cloudevents, events, ulid
from emobi.core.models import Event, Network

# Of a body, in bytes. Source: Standard Webhooks, "Payload structure".
LARGEST = 20_000


def body(event: Event, network_slug: str) -> bytes:
    """The envelope of ``event`` as it is signed and sent."""
    envelope = cloudevents.envelope(event, network_slug)
    whole = orjson.dumps(envelope)
    return whole if len(whole) <= LARGEST else orjson.dumps(_shortened(envelope))


def _shortened(envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope without as many of the largest values of its data as it takes."""
    data = dict(envelope["data"])
    before = max(int(envelope["sequence"]) - 1, 0)
    short = {**envelope, "dataref": f"/api/v1/events?after={before}&limit=1", "shortened": "", "data": data}
    size = len(orjson.dumps(short))
    sizes = {key: len(orjson.dumps({key: value})) for key, value in data.items()}
    missing: list[str] = []
    for key in sorted(data, key=lambda key: sizes[key], reverse=True):
        if size <= LARGEST:
            break
        # Its name comes back among those that are missing; braces and commas aren't counted on.
        size -= sizes[key] - len(key) - 3
        missing.append(key)
        del data[key]
    short["shortened"] = ",".join(sorted(missing))
    return short


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
