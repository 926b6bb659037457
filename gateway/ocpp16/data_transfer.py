"""DataTransfer (OCPP 1.6, sections 4.3, 5.6): what a vendor has to say beside OCPP, both ways."""

import dataclasses
from typing import Any

import orjson

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.outcome import Outcome
from stations.commands.vendor import DataTransfer
from stations.models import Station
from stations.reports import VendorData
from stations.services.registry import vendor_data
from stations.vendors import VendorAnswer


def parse(payload: Payload) -> VendorData:
    """Translate DataTransfer.req; JSON inside of the text stays text."""
    return VendorData(
        vendor_id=payload["vendorId"],
        message_id=fields.text(payload.get("messageId")),
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
    """1.6 carries text only, and some stations take nothing else (quirk 85)."""
    if data is None:
        return {}
    return {"data": data if isinstance(data, str) else orjson.dumps(data).decode()}
