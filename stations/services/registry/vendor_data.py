"""What vendors say beside OCPP: DataTransfer from stations."""

import dataclasses

import orjson

from emobi.core import clock, events, unit_of_work
from stations import masking, vendors
from stations.models import Station
from stations.reports import VendorData
from stations.vendors import VendorAnswer

# What is told of it; a webhook's body stays under 20 kB.
_MOST_BYTES = 16_000
# A vendor's JSON may be wrapped into a text, and the text once more (quirk 85).
_MOST_WRAPPINGS = 2


def receive(station: Station, sent: VendorData) -> VendorAnswer:
    """Tell whoever listens, and return what the vendor's handler answers.

    What nobody here understands isn't Accepted: the station would act on a promise that nobody made (OCPP 1.6
    section 4.3).
    """
    read = dataclasses.replace(sent, data=unwrapped(sent.data))
    with unit_of_work.begin():
        answer = vendors.answer(station, read)
        events.record(
            station.subject,
            events.VendorDataReceived(
                vendor_id=read.vendor_id[:255],
                message_id=read.message_id[:255] if read.message_id is not None else None,
                data=_bounded(masking.value(read.data)),
                answer=answer.status,
                received_at=clock.now(),
            ),
        )
    return answer


def unwrapped(data: object) -> object:
    """The object or list in a text that is JSON, the same for 1.6, which has only texts; else ``data``."""
    read = data
    for _ in range(_MOST_WRAPPINGS):
        if not isinstance(read, str) or not read.lstrip().startswith(("{", "[", '"')):
            break
        try:
            read = orjson.loads(read)
        except orjson.JSONDecodeError:
            break
    return read if isinstance(read, dict | list) else data


def _bounded(data: object) -> object:
    """``data``, or the beginning of its text where it is too long to be told."""
    text = orjson.dumps(data)
    if len(text) <= _MOST_BYTES:
        return data
    return (data if isinstance(data, str) else text.decode())[: _MOST_BYTES // 4] + "…"
