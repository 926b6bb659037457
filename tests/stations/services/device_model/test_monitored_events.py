from typing import Any

import pytest

from stations import masking
from stations.models import Connector, MonitoredEvent
from stations.reports import MonitoredEventReport, StatusReport
from stations.services.device_model import connectors, monitored_events
from tests.stations.telling import NOON, after, tell, told


def element(event_id: int = 1, **said) -> MonitoredEventReport:
    fields: dict[str, Any] = {
        "event_id": event_id, "station_time": NOON, "trigger": "Alerting", "component": "TemperatureSensor",
        "variable": "Temperature", "actual_value": "85",
    }  # fmt: skip
    return MonitoredEventReport(**fields | said)


def test_elements_are_kept(bravo):
    tell(
        monitored_events.record,
        bravo,
        [element(evse_id=1, connector_id=2, cleared=True, transaction_id="T", detail={"tech_code": "17"})],
    )
    row = MonitoredEvent.objects.get()
    assert (row.station, row.event_id, row.station_time, row.received_at) == (bravo, 1, NOON, NOON)
    assert (row.component, row.variable, row.actual_value) == ("TemperatureSensor", "Temperature", "85")
    assert (row.evse_id, row.connector_id, row.cleared, row.transaction_id) == (1, 2, True, "T")
    assert row.detail == {"tech_code": "17"}


def test_an_element_that_comes_again_is_kept_once(bravo):
    for _ in range(2):
        tell(monitored_events.record, bravo, [element(1), element(2), element(2, station_time=None)])
    assert MonitoredEvent.objects.count() == 3


def test_ids_start_over_with_a_reboot(bravo):
    tell(monitored_events.record, bravo, [element(1)])
    tell(monitored_events.record, bravo, [element(1, station_time=after(60))])
    assert MonitoredEvent.objects.count() == 2


def test_a_connector_is_learnt_from_what_names_it(bravo):
    tell(monitored_events.record, bravo, [element(evse_id=2, connector_id=1)])
    assert Connector.objects.values_list("evse_id", "connector_id").get() == (2, 1)


def test_what_is_too_long_or_out_of_range_is_cut(bravo):
    tell(
        monitored_events.record,
        bravo,
        [
            element(
                2**80, trigger="t" * 99, component="c" * 99, variable="v" * 99, actual_value="x" * 99_999,
                evse_id=-1, connector_id=2**40, transaction_id="i" * 99, detail={"tech_info": "y" * 99_999},
            )
        ],
    )  # fmt: skip
    row = MonitoredEvent.objects.get()
    assert (len(row.trigger), len(row.component), len(row.variable), len(row.actual_value)) == (
        20,
        50,
        50,
        10_000,
    )
    assert (row.evse_id, row.connector_id, len(row.transaction_id), row.detail) == (None, None, 64, {})


def test_secrets_are_masked(bravo):
    tell(monitored_events.record, bravo, [element(variable="BasicAuthPassword", actual_value="hidden")])
    assert MonitoredEvent.objects.get().actual_value == masking.MASK


# ── connectors and their faults ─────────────────────────────────────────────────────────────────────────


LOCK = {"component": "ConnectorPlugRetentionLock", "variable": "Problem", "evse_id": 1, "connector_id": 2}


def problem(event_id: int, value: str = "true", **said) -> MonitoredEventReport:
    return element(event_id, **{"actual_value": value} | LOCK | said)


def status(station, word: str) -> None:
    tell(connectors.report_status, station, StatusReport(evse_id=1, connector_id=2, status=word))


def faults(station) -> list[str]:
    found = told(station, "station.fault", "station.fault_cleared")
    assert len({data["fault_id"] for _, data in found}) <= 1
    return [kind.removeprefix("station.") for kind, _ in found]


def test_a_status_may_come_as_an_event(bravo):
    said = {"component": "Connector", "variable": "AvailabilityState", "evse_id": 1, "connector_id": 2}
    tell(monitored_events.record, bravo, [element(1, actual_value="Occupied", trigger="Delta", **said)])
    ((kind, data),) = told(bravo)
    assert (kind, data["status"], data["evse_id"], data["connector_id"]) == (
        "connector.status_changed", "Occupied", 1, 2,
    )  # fmt: skip
    assert data["station_time"] == "2026-05-04T12:00:00.000Z"


def test_a_stations_status_may_come_as_an_event_and_an_evses_is_its_connectors(bravo):
    said = {"variable": "AvailabilityState", "actual_value": "Unavailable"}
    of_evse = element(1, component="EVSE", evse_id=1, **said)
    tell(monitored_events.record, bravo, [of_evse, element(2, component="ChargingStation", **said)])
    ((_, data),) = told(bravo, "connector.status_changed")
    assert (data["evse_id"], data["connector_id"], data["status"]) == (None, None, "Unavailable")


def test_a_status_that_is_sent_again_later_changes_nothing(bravo):
    said = {"component": "Connector", "variable": "AvailabilityState", "evse_id": 1, "connector_id": 2}
    first = element(1, actual_value="Occupied", **said)
    tell(monitored_events.record, bravo, [first])
    tell(monitored_events.record, bravo, [element(2, actual_value="Available", **said)])
    tell(monitored_events.record, bravo, [first])
    assert Connector.objects.get().status == "Available"


def test_a_problem_is_a_fault_until_it_is_over(bravo):
    detail = {"tech_code": "E7", "tech_info": "stuck"}
    tell(monitored_events.record, bravo, [problem(1, detail=detail)])
    status(bravo, "Available")
    assert faults(bravo) == ["fault"]
    tell(monitored_events.record, bravo, [problem(2, "false", cleared=True)])
    assert faults(bravo) == ["fault", "fault_cleared"]
    for _, data in told(bravo, "station.fault", "station.fault_cleared"):
        assert (data["evse_id"], data["connector_id"]) == (1, 2)
        assert data["error_code"] == "ConnectorLockFailure"
        assert (data["vendor_error_code"], data["info"]) == ("E7", "stuck")
    row = Connector.objects.get()
    assert (row.fault_id, row.error_code, row.info, row.problems) == ("", "", "", [])


def test_a_fault_that_both_messages_tell_of_is_one(bravo):
    tell(monitored_events.record, bravo, [problem(1, detail={"tech_info": "stuck"})])
    status(bravo, "Faulted")
    tell(monitored_events.record, bravo, [problem(2, "false")])
    assert faults(bravo) == ["fault"]
    status(bravo, "Available")
    assert faults(bravo) == ["fault", "fault_cleared"]
    assert told(bravo, "station.fault_cleared")[0][1]["info"] == "stuck"


def test_what_a_fault_is_may_be_told_after_it(bravo):
    status(bravo, "Faulted")
    first = problem(1, component="RCD", detail={"tech_code": "E1", "tech_info": "tripped"})
    tell(monitored_events.record, bravo, [first])
    row = Connector.objects.get()
    assert (row.error_code, row.vendor_error_code, row.info) == ("GroundFailure", "E1", "tripped")
    # The first code stays (quirk 42).
    tell(monitored_events.record, bravo, [problem(2)])
    status(bravo, "Faulted")
    assert Connector.objects.get().error_code == "GroundFailure"
    (_, _), (_, changed) = told(bravo, "connector.status_changed")
    assert (changed["status"], changed["error_code"]) == ("Faulted", "GroundFailure")
    tell(monitored_events.record, bravo, [problem(3, "false", component="RCD"), problem(4, "false")])
    status(bravo, "Available")
    (_, fault), (_, cleared) = told(bravo, "station.fault", "station.fault_cleared")
    assert (fault["error_code"], cleared["error_code"]) == ("OtherError", "GroundFailure")


def test_a_fault_lasts_until_its_last_problem_is_over(bravo):
    reader = {"component": "TokenReader"}
    tell(monitored_events.record, bravo, [problem(1), problem(2, **reader), problem(3)])
    tell(monitored_events.record, bravo, [problem(4, "false")])
    assert faults(bravo) == ["fault"]
    tell(monitored_events.record, bravo, [problem(5, "true", cleared=True, **reader)])
    assert faults(bravo) == ["fault", "fault_cleared"]


def test_a_problem_that_nobody_told_of_is_not_over(bravo):
    tell(monitored_events.record, bravo, [problem(1, "false", cleared=True)])
    assert told(bravo) == []


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ({"evse_id": None, "connector_id": None}, (None, None)),
        ({"connector_id": None}, (1, 1)),
    ],
)
def test_a_problem_of_a_station_or_an_evse_has_a_place(bravo, place, where):
    tell(monitored_events.record, bravo, [problem(1, component="Cabinet", **place)])
    ((_, data),) = told(bravo, "station.fault")
    assert ((data["evse_id"], data["connector_id"]), data["error_code"]) == (where, "OtherError")


def test_what_a_monitor_of_another_variable_notices_is_no_fault(bravo):
    tell(monitored_events.record, bravo, [element(1, evse_id=1, connector_id=2)])
    assert told(bravo) == []
