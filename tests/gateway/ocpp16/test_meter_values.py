from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.ocpp16 import meter_values
from sessions.models import ChargingSession, MeterValue
from tests.gateway.hearing import NOON, hear, kinds, parsed, told

START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 1000, "timestamp": "2026-05-04T11:00:00Z"}


def said(*sampled, connector_id=1, timestamp="2026-05-04T11:30:00Z", **more):
    return {
        "connectorId": connector_id,
        "meterValue": [{"timestamp": timestamp, "sampledValue": list(sampled)}],
        **more,
    }


def sample(**sampled):
    report = parsed("1.6", meter_values, "MeterValues", said(sampled))
    ((only,),) = (reading.samples for reading in report.readings)
    return only


def test_a_value_alone_is_the_register_in_wh():
    read = sample(value="1234.5")
    assert (read.measurand, read.value, read.unit) == (
        "Energy.Active.Import.Register",
        Decimal("1234.5"),
        "Wh",
    )
    assert (read.context, read.location, read.phase, read.signed) == ("Sample.Periodic", "Outlet", None, None)
    assert read.at == datetime(2026, 5, 4, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sampled", "value", "unit"),
    [
        ({"value": "1.5", "unit": "kWh"}, Decimal(1500), "Wh"),
        ({"value": "7.4", "unit": "kW", "measurand": "Power.Active.Import"}, Decimal(7400), "W"),
        ({"value": "12,5"}, Decimal("12.5"), "Wh"),
        ({"value": 12.5}, Decimal("12.5"), "Wh"),
        ({"value": "21", "unit": "Celcius", "measurand": "Temperature"}, Decimal(21), "Celsius"),
        ({"value": "50", "unit": "Hz", "measurand": "Frequency"}, Decimal(50), "Hz"),
        ({"value": "3", "measurand": "Request.Energy", "unit": "Wh"}, Decimal(3), "Wh"),
        ({"value": "n/a"}, None, "Wh"),
    ],
)
def test_values_come_in_base_units(sampled, value, unit):
    read = sample(**sampled)
    assert (read.value, read.unit) == (value, unit)


def test_a_signed_value_is_kept_as_it_is():
    read = sample(value="OCMF|{}|", format="SignedData")
    assert (read.value, read.signed) == (None, "OCMF|{}|")


def test_readings_without_a_possible_time_are_placed_at_their_receipt():
    payload = said({"value": "1"}, timestamp="1970-01-01T00:00:00Z")
    (reading,) = parsed("1.6", meter_values, "MeterValues", payload).readings
    assert reading.at is None
    assert reading.samples[0].at == NOON


@pytest.mark.parametrize(
    ("more", "transaction_id"), [({}, None), ({"transactionId": 5}, "5"), ({"transactionId": -1}, "-1")]
)
def test_the_transaction_is_named_by_its_number(more, transaction_id):
    report = parsed("1.6", meter_values, "MeterValues", said({"value": "1"}, **more))
    assert report.transaction_id == transaction_id


def test_readings_move_their_session_on(alpha):
    number = hear(alpha, "StartTransaction", START)["transactionId"]
    assert hear(alpha, "MeterValues", said({"value": "1500"}, transactionId=number)) == {}
    assert kinds(alpha)[-2:] == ["session.meter_values", "session.updated"]
    update = told(alpha)[-1].data
    assert (update["energy_wh"], update["trigger"]) == (500, "MeterValuePeriodic")


@pytest.mark.parametrize("number", [{}, {"transactionId": 0}, {"transactionId": -1}])
def test_readings_without_a_number_belong_to_what_runs_there(alpha, number):
    hear(alpha, "StartTransaction", START)
    hear(alpha, "MeterValues", said({"value": "1500"}, **number))
    assert ChargingSession.objects.get().meter_last_wh == 1500


def test_the_main_meter_belongs_to_no_session(alpha):
    hear(alpha, "StartTransaction", START)
    hear(alpha, "MeterValues", said({"value": "9000"}, connector_id=0))
    assert kinds(alpha)[-1] == "meter.values"
    assert MeterValue.objects.filter(session=None).count() == 1


@pytest.mark.parametrize(
    "odd", [{"transactionId": 2**62}, {"transactionId": 4711}, {"connector_id": 2**31 - 1}]
)
def test_no_readings_are_refused_for_whose_they_claim_to_be(alpha, odd):
    assert hear(alpha, "MeterValues", said({"value": "1500"}, **odd)) == {}
    assert MeterValue.objects.count() == 1
