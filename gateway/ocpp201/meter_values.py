"""MeterValues (OCPP 2.0.1, use case J01): what a meter shows outside of transactions."""

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from sessions.reports import MeterReport
from sessions.services import charging_sessions
from stations.models import Station


def parse(payload: Payload) -> MeterReport:
    """Translate MeterValuesRequest; EVSE 0 is the main meter."""
    return MeterReport(
        evse_id=payload["evseId"],
        transaction_id=None,
        readings=fields.readings(payload["meterValue"]),
    )


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    charging_sessions.expect(station)


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the readings, with the session that they name, or that runs or ran on that EVSE at their time."""
    charging_sessions.meter(station, parse(payload))
    return {}
