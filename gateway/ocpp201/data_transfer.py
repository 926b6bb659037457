"""DataTransfer (OCPP 2.0.1, use cases P01 and P02): what a vendor has to say beside OCPP."""

from gateway.adapter import Payload
from stations.models import Station
from stations.reports import VendorData
from stations.services import vendor_data


def parse(payload: Payload) -> VendorData:
    """Translate DataTransferRequest; ``data`` is any JSON."""
    return VendorData(
        vendor_id=payload["vendorId"],
        message_id=payload.get("messageId") or None,
        data=payload.get("data"),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Tell what the vendor said; answer what is known of the vendor."""
    return answer(*vendor_data.receive(station, parse(payload)))


def answer(status: str, data: object) -> Payload:
    return {"status": status} if data is None else {"status": status, "data": data}
