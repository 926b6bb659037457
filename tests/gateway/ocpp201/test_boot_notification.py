from datetime import timedelta

import pytest

from emobi.core import clock
from gateway.ocpp201 import boot_notification
from stations.models import Registration, Station
from stations.reports import BootReport
from tests.gateway.hearing import NOON, hear, kinds, parsed

BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "One"}}


def test_what_the_station_is_is_translated():
    described = BOOT["chargingStation"] | {
        "serialNumber": "SN1",
        "firmwareVersion": "1.2",
        "modem": {"iccid": "89", "imsi": "26"},
    }
    said = {"reason": "Watchdog", "chargingStation": described}
    assert parsed("2.0.1", boot_notification, "BootNotification", said) == BootReport(
        vendor="Acme",
        model="One",
        serial_number="SN1",
        firmware_version="1.2",
        iccid="89",
        imsi="26",
        reason="Watchdog",
    )


def test_what_it_does_not_say_is_none():
    assert parsed("2.0.1", boot_notification, "BootNotification", BOOT) == BootReport(
        vendor="Acme", model="One", reason="PowerUp"
    )


def test_an_accepted_station_is_told_the_time_of_the_answer_and_its_heartbeat_interval(bravo, monkeypatch):
    monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(seconds=10))
    Station.objects.update(heartbeat_interval_s=77)
    assert hear(bravo, "BootNotification", BOOT) == {
        "status": "Accepted",
        "currentTime": "2026-05-04T12:00:10.000Z",
        "interval": 77,
    }
    assert kinds(bravo) == ["station.booted"]


@pytest.mark.parametrize(
    ("registration", "status", "events"),
    [(Registration.PENDING, "Pending", ["station.pending"]), (Registration.REJECTED, "Rejected", [])],
)
def test_another_station_is_told_when_to_boot_again(bravo, registration, status, events):
    Station.objects.update(registration=registration)
    answer = hear(bravo, "BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == (status, 30)
    assert kinds(bravo) == events
