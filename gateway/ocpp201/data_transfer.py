"""DataTransfer (OCPP 2.0.1, use cases P01 and P02): what a vendor has to say beside OCPP, both ways."""

import dataclasses
from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.outcome import Outcome
from stations.commands.vendor import DataTransfer
from stations.models import Station
from stations.reports import VendorData
from stations.services.registry import vendor_data
from stations.vendors import VendorAnswer


def parse(payload: Payload) -> VendorData:
    """Translate DataTransferRequest; ``data`` is any JSON."""
    return VendorData(
        vendor_id=payload["vendorId"],
        message_id=payload.get("messageId") or None,
        data=payload.get("data"),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Tell what the vendor said; answer what is known of the vendor."""
    return answer(vendor_data.receive(station, parse(payload)))


def answer(given: VendorAnswer) -> Payload:
    return {"status": given.status.value, **_data(given.data)}


def encode(command: DataTransfer) -> Payload:
    payload: dict[str, Any] = {"vendorId": command.vendor_id, **_data(command.data)}
    if command.message_id is not None:
        payload["messageId"] = command.message_id
    return payload


def decode(payload: Payload) -> Outcome:
    answered = fields.outcome(payload)
    data = vendor_data.unwrapped(payload.get("data"))
    return dataclasses.replace(answered, detail={**answered.detail, "data": data})


def _data(data: object) -> Payload:
    """Any JSON, but nothing where there is none: OCPP knows no null."""
    return {} if data is None else {"data": data}
