from datetime import UTC, datetime

import pytest

from gateway.ocpp16 import status_notification
from stations.models import Connector
from stations.reports import StatusReport
from tests.gateway.hearing import hear, kinds, parsed, told

STATUS = {"connectorId": 2, "errorCode": "NoError", "status": "Available"}


def status(**said):
    return parsed("1.6", status_notification, "StatusNotification", STATUS | said)


def test_a_connector_is_the_first_of_its_evse():
    said = status(timestamp="2026-05-04T11:00:00Z")
    assert said == StatusReport(
        evse_id=2,
        connector_id=1,
        status="Available",
        charging_state="Idle",
        station_time=datetime(2026, 5, 4, 11, tzinfo=UTC),
    )


def test_connector_0_is_the_station():
    said = status(connectorId=0)
    assert (said.evse_id, said.connector_id) == (0, 0)


@pytest.mark.parametrize(
    ("word", "availability", "detail", "charging_state"),
    [
        ("Available", "Available", None, "Idle"),
        ("Preparing", "Occupied", "Preparing", "EVConnected"),
        ("Charging", "Occupied", "Charging", "Charging"),
        ("SuspendedEV", "Occupied", "SuspendedEV", "SuspendedEV"),
        ("SuspendedEVSE", "Occupied", "SuspendedEVSE", "SuspendedEVSE"),
        ("Finishing", "Occupied", "Finishing", "EVConnected"),
        ("Reserved", "Reserved", None, None),
        ("Unavailable", "Unavailable", None, None),
        ("Faulted", "Faulted", None, None),
        ("charging", "Occupied", "Charging", "Charging"),
        ("Defrosting", "Defrosting", None, None),
    ],
)
def test_words_are_translated_up(word, availability, detail, charging_state):
    said = status(status=word)
    assert (said.status, said.detail, said.charging_state) == (availability, detail, charging_state)


@pytest.mark.parametrize(
    ("error_code", "ours", "vendors"),
    [
        ("NoError", None, None),
        ("GroundFailure", "GroundFailure", None),
        ("Error", "OtherError", "Error"),  # of nobody's list
    ],
)
def test_an_error_code_is_kept(error_code, ours, vendors):
    said = status(errorCode=error_code)
    assert (said.error_code, said.vendor_error_code) == (ours, vendors)


@pytest.mark.parametrize("nothing", ["null", "", "  "])
def test_nothing_is_nothing_however_it_is_spelt(nothing):
    said = status(info=nothing, vendorErrorCode=nothing)
    assert (said.info, said.vendor_error_code) == (None, None)


def test_a_status_without_a_time_has_our_time_alone(alpha):
    assert "timestamp" not in STATUS
    hear(alpha, "StatusNotification", STATUS | {"status": "Charging", "info": "null"})
    (event,) = told(alpha)
    assert (event.data["station_time"], event.data["received_at"]) == (None, "2026-05-04T12:00:00.000Z")
    assert event.data["info"] is None
    assert Connector.objects.get(evse_id=2, connector_id=1).status == "Occupied"


@pytest.mark.parametrize("timestamp", ["1970-01-01T00:00:00Z", "soon"])
def test_an_impossible_time_is_none(timestamp):
    assert status(timestamp=timestamp).station_time is None


def test_a_status_is_noted_and_told(alpha):
    assert hear(alpha, "StatusNotification", STATUS | {"status": "Charging"}) == {}
    connector = Connector.objects.get(evse_id=2, connector_id=1)
    assert (connector.status, connector.detail) == ("Occupied", "Charging")
    assert kinds(alpha) == ["connector.status_changed"]


def test_an_unknown_word_leaves_the_status_as_it_was(alpha):
    hear(alpha, "StatusNotification", STATUS)
    hear(alpha, "StatusNotification", STATUS | {"status": "Defrosting"})
    assert Connector.objects.get(evse_id=2).status == "Available"
    assert kinds(alpha) == ["connector.status_changed"]


def test_a_connector_that_no_station_has_is_acknowledged_and_not_kept(alpha):
    assert hear(alpha, "StatusNotification", STATUS | {"connectorId": 2**31 - 1}) == {}
    assert not Connector.objects.exists()


def test_a_status_moves_the_transaction_on_its_connector(alpha):
    start = {"connectorId": 2, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-05-04T12:00:00Z"}
    hear(alpha, "StartTransaction", start)
    hear(alpha, "StatusNotification", STATUS | {"status": "SuspendedEV"})
    event = told(alpha)[-1]
    assert (event.type, event.data["trigger"]) == ("session.updated", "ChargingStateChanged")
    assert event.data["charging_state"] == "SuspendedEV"
