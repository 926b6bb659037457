"""NotifyReport (OCPP 2.0.1, use cases B07 and B08): a part of a report on the device model."""

from collections.abc import Iterator

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.models import Station
from stations.reports import VariableReport, VariablesReport
from stations.services.device_model import variables


def parse(payload: Payload) -> VariablesReport:
    """Translate NotifyReportRequest; without ``tbc`` it is the last part."""
    return VariablesReport(
        request_id=payload["requestId"],
        seq_no=payload["seqNo"],
        last=not payload.get("tbc", False),
        station_time=timestamps.read(payload.get("generatedAt")),
        variables=tuple(
            attribute for element in payload.get("reportData", ()) for attribute in _attributes(element)
        ),
    )


def _attributes(element: Payload) -> Iterator[VariableReport]:
    named = fields.named(element)
    characteristics = dict(element.get("variableCharacteristics", {}))
    characteristics.pop("customData", None)
    for attribute in element["variableAttribute"]:
        yield VariableReport(
            **named,
            attribute=attribute.get("type", "Actual"),
            value=attribute.get("value"),
            mutability=attribute.get("mutability", "ReadWrite"),
            persistent=attribute.get("persistent", False),
            constant=attribute.get("constant", False),
            characteristics=characteristics,
        )


def handle(station: Station, payload: Payload) -> Payload:
    """Take the variables over into the device model; tell when the report is complete."""
    variables.report(station, parse(payload))
    return {}
