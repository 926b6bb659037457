"""What vendors say beside OCPP: DataTransfer from stations."""

import orjson

from emobi.core import clock, events, unit_of_work
from stations.models import Station
from stations.reports import VendorData

# What is told of it; a webhook's body stays under 20 kB.
_MOST_BYTES = 16_000

UNKNOWN_VENDOR = "UnknownVendorId"


def receive(station: Station, sent: VendorData) -> tuple[str, object]:
    """Tell whoever listens; return the status and the data to answer.

    No vendor's messages are understood here, and what isn't understood isn't Accepted: the station would act
    on a promise that nobody made (OCPP 1.6 section 4.3).
    """
    with unit_of_work.begin():
        events.record(
            station.subject,
            events.VendorDataReceived(
                vendor_id=sent.vendor_id[:255],
                message_id=sent.message_id[:255] if sent.message_id is not None else None,
                data=_bounded(sent.data),
                answer=UNKNOWN_VENDOR,
                received_at=clock.now(),
            ),
        )
    return UNKNOWN_VENDOR, None


def _bounded(data: object) -> object:
    """``data``, or the beginning of its text where it is too long to be told."""
    text = orjson.dumps(data)
    if len(text) <= _MOST_BYTES:
        return data
    return (data if isinstance(data, str) else text.decode())[: _MOST_BYTES // 4] + "…"
