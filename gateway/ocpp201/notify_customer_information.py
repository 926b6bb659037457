"""NotifyCustomerInformation (OCPP 2.0.1, use cases N09 and N10): a part of what is known of a customer."""

from gateway import timestamps
from gateway.adapter import Payload
from sessions.services import customers
from stations.models import Station
from stations.reports import CustomerReport


def parse(payload: Payload) -> CustomerReport:
    """Translate NotifyCustomerInformationRequest; without ``tbc`` it is the last part."""
    return CustomerReport(
        request_id=payload["requestId"],
        seq_no=payload["seqNo"],
        last=not payload.get("tbc", False),
        station_time=timestamps.read(payload.get("generatedAt")),
        text=payload["data"],
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Put the parts together; tell what they say when the last has come."""
    customers.report(station, parse(payload))
    return {}
