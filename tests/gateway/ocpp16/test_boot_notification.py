from datetime import timedelta

import pytest

from emobi.core import clock
from gateway.ocpp16 import boot_notification
from stations.models import Registration, Station, Variable
from stations.reports import BootReport
from tests.gateway.hearing import NOON, hear, kinds, parsed

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


def test_what_the_station_is_is_translated():
    said = BOOT | {
        "chargePointSerialNumber": "SN1",
        "chargeBoxSerialNumber": "OLD1",
        "firmwareVersion": "1.2",
        "iccid": "89",
        "imsi": "26",
        "meterType": "M",
        "meterSerialNumber": "M1",
    }
    assert parsed("1.6", boot_notification, "BootNotification", said) == BootReport(
        vendor="Acme", model="One", serial_number="SN1", firmware_version="1.2", iccid="89", imsi="26",
        meter_serial_number="M1", meter_type="M",
    )  # fmt: skip


def test_what_the_station_says_of_its_meter_is_in_its_device_model(alpha):
    for number in ("M1", "M2"):
        hear(alpha, "BootNotification", BOOT | {"meterType": "Acme EM", "meterSerialNumber": number})
    kept = Variable.objects.filter(station=alpha).values_list("component", "variable", "value", "mutability")
    assert set(kept) == {
        ("FiscalMetering", "SerialNumber", "M2", "ReadOnly"),
        ("FiscalMetering", "Model", "Acme EM", "ReadOnly"),
    }
    hear(alpha, "BootNotification", BOOT | {"meterType": " "})
    assert Variable.objects.get(variable="Model").value == "Acme EM"


@pytest.mark.parametrize(
    ("said", "serial_number"),
    [
        ({"chargeBoxSerialNumber": "OLD1"}, "OLD1"),
        ({"chargePointSerialNumber": " ", "chargeBoxSerialNumber": "OLD1"}, "OLD1"),
        ({"chargePointSerialNumber": "null"}, None),
        ({"chargePointSerialNumber": "S" * 33}, "S" * 33),
        ({}, None),
    ],
)
def test_the_serial_number_is_found_where_the_station_has_it(said, serial_number):
    report = parsed("1.6", boot_notification, "BootNotification", BOOT | said)
    assert report.serial_number == serial_number


def test_an_accepted_station_is_told_the_time_of_the_answer_and_its_heartbeat_interval(alpha, monkeypatch):
    monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(seconds=10))
    Station.objects.update(heartbeat_interval_s=77)
    assert hear(alpha, "BootNotification", BOOT) == {
        "status": "Accepted",
        "currentTime": "2026-05-04T12:00:10.000Z",
        "interval": 77,
    }
    assert kinds(alpha) == ["station.booted"]


@pytest.mark.parametrize(
    ("registration", "status", "events"),
    [(Registration.PENDING, "Pending", ["station.pending"]), (Registration.REJECTED, "Rejected", [])],
)
def test_another_station_is_told_when_to_boot_again(alpha, registration, status, events):
    Station.objects.update(registration=registration)
    answer = hear(alpha, "BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == (status, 30)
    assert kinds(alpha) == events
