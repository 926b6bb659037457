from decimal import Decimal

import pytest

from gateway.ocpp201 import meter_values
from sessions.models import MeterValue
from tests.gateway.hearing import hear, kinds, parsed


def said(evse_id=1, value=1500):
    reading = {"timestamp": "2026-05-04T11:30:00Z", "sampledValue": [{"value": value}]}
    return {"evseId": evse_id, "meterValue": [reading]}


def test_readings_name_no_transaction():
    report = parsed("2.0.1", meter_values, "MeterValues", said(evse_id=0))
    assert (report.evse_id, report.transaction_id) == (0, None)
    assert [sample.value for reading in report.readings for sample in reading.samples] == [Decimal(1500)]


@pytest.mark.parametrize("evse_id", [0, 1, 2**31 - 1])
def test_readings_outside_of_transactions_are_kept_and_told(bravo, evse_id):
    assert hear(bravo, "MeterValues", said(evse_id)) == {}
    assert MeterValue.objects.get().session is None
    assert kinds(bravo) == ["meter.values"]
