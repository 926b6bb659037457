"""DataTransfer (OCPP 1.6, sections 4.3 and 5.6): what a vendor has to say beside OCPP."""

import orjson

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.models import Station
from stations.reports import VendorData
from stations.services import vendor_data


def parse(payload: Payload) -> VendorData:
    """Translate DataTransfer.req; JSON inside of the text stays text."""
    return VendorData(
        vendor_id=payload["vendorId"],
        message_id=fields.text(payload.get("messageId")),
        data=payload.get("data"),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Tell what the vendor said; answer what is known of the vendor."""
    return answer(*vendor_data.receive(station, parse(payload)))


def answer(status: str, data: object) -> Payload:
    """1.6 carries text only, and some stations take nothing else (quirk 85)."""
    if data is None:
        return {"status": status}
    return {"status": status, "data": data if isinstance(data, str) else orjson.dumps(data).decode()}
