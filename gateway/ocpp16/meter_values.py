"""MeterValues (OCPP 1.6, section 4.7): what a meter shows, in a transaction or outside."""

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from sessions.reports import MeterReport
from sessions.services import charging_sessions
from stations.models import Station


def parse(payload: Payload) -> MeterReport:
    """Translate MeterValues.req; connector 0 is the main meter."""
    evse_id, _ = fields.place(payload["connectorId"])
    return MeterReport(
        evse_id=evse_id,
        transaction_id=_transaction_id(payload),
        readings=fields.readings(payload["meterValue"]),
    )


def _transaction_id(payload: Payload) -> str | None:
    number = payload.get("transactionId")
    return None if number is None else str(number)


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    charging_sessions.expect(station, transaction_id=_transaction_id(payload))


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the readings, with the session that they name, or that runs or ran on that EVSE at their time."""
    charging_sessions.meter(station, parse(payload))
    return {}
