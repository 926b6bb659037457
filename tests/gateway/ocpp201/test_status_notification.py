from datetime import UTC, datetime

import pytest

from gateway.ocpp201 import status_notification
from stations.models import Connector
from stations.reports import StatusReport
from tests.gateway.hearing import hear, kinds, parsed

STATUS = {
    "timestamp": "2026-05-04T11:00:00Z",
    "connectorStatus": "Available",
    "evseId": 2,
    "connectorId": 3,
}


def test_a_status_is_translated():
    assert parsed("2.0.1", status_notification, "StatusNotification", STATUS) == StatusReport(
        evse_id=2, connector_id=3, status="Available", station_time=datetime(2026, 5, 4, 11, tzinfo=UTC)
    )


@pytest.mark.parametrize("change", [{"timestamp": "1970-01-01T00:00:00Z"}, {"timestamp": None}])
def test_an_impossible_time_is_none(change):
    said = {name: value for name, value in (STATUS | change).items() if value is not None}
    assert parsed("2.0.1", status_notification, "StatusNotification", said).station_time is None


def test_a_status_is_noted_and_told(bravo):
    assert hear(bravo, "StatusNotification", STATUS | {"connectorStatus": "Occupied"}) == {}
    assert Connector.objects.get(evse_id=2, connector_id=3).status == "Occupied"
    assert kinds(bravo) == ["connector.status_changed"]


def test_an_unknown_word_leaves_the_status_as_it_was(bravo):
    hear(bravo, "StatusNotification", STATUS)
    hear(bravo, "StatusNotification", STATUS | {"connectorStatus": "Charging"})
    assert Connector.objects.get().status == "Available"
    assert kinds(bravo) == ["connector.status_changed"]


def test_a_connector_that_no_station_has_is_acknowledged_and_not_kept(bravo):
    assert hear(bravo, "StatusNotification", STATUS | {"evseId": 2**31 - 1}) == {}
    assert not Connector.objects.exists()
