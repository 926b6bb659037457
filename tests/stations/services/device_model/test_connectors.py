from typing import Any

import pytest

from emobi.core import clock, unit_of_work
from stations.models import Connector, Deviation
from stations.reports import StatusReport
from stations.services.device_model import connectors
from stations.services.device_model.connectors import ConnectorStates
from tests.statements import counted
from tests.stations.telling import NOON, after, tell, tell_at, told, types

CHANGED = "connector.status_changed"


def status(status: str, **said) -> StatusReport:
    fields: dict[str, Any] = {"evse_id": 1, "connector_id": 1, "status": status} | said
    return StatusReport(**fields)


def report(station, status_: str, seconds: float = 0, **said) -> None:
    tell_at(after(seconds), connectors.report_status, station, status(status_, **said))


def test_the_first_report_is_told_with_no_status_before(alpha):
    report(alpha, "Available", station_time=after(-2))
    assert told(alpha) == [
        (
            CHANGED,
            {
                "evse_id": 1, "connector_id": 1, "status": "Available", "detail": None, "previous": None,
                "error_code": None, "vendor_error_code": None, "info": None,
                "station_time": clock.iso(after(-2)), "received_at": clock.iso(NOON),
            },
        )
    ]  # fmt: skip
    row = Connector.objects.get()
    assert (row.status, row.station_time, row.changed_at, row.reported_at) == (
        "Available",
        after(-2),
        NOON,
        NOON,
    )


def test_the_station_itself_has_neither_evse_nor_connector(alpha):
    report(alpha, "Available", evse_id=0, connector_id=0)
    ((_, data),) = told(alpha)
    assert (data["evse_id"], data["connector_id"]) == (None, None)


def test_a_report_that_says_nothing_new_is_not_told(alpha):
    report(alpha, "Available")
    report(alpha, "Available", 60)
    assert types(alpha) == [CHANGED]
    row = Connector.objects.get()
    assert (row.changed_at, row.reported_at) == (NOON, after(60))


def test_a_finer_word_alone_changes_the_row_and_is_not_told(alpha):
    report(alpha, "Occupied", detail="Charging")
    report(alpha, "Occupied", 60, detail="SuspendedEV")
    assert types(alpha) == [CHANGED]
    assert Connector.objects.get().detail == "SuspendedEV"


def test_a_change_is_told_with_what_was_before(alpha):
    report(alpha, "Available")
    report(alpha, "Occupied", 60, detail="Preparing")
    assert told(alpha)[1][1]["previous"] == "Available"
    assert Connector.objects.get().changed_at == after(60)


def test_a_status_that_ocpp_doesnt_have_leaves_the_last_one(alpha):
    report(alpha, "Available")
    report(alpha, "Sleeping", 60)
    row = Connector.objects.get()
    assert (row.status, row.reported_at) == ("Available", after(60))
    assert types(alpha) == [CHANGED]


def test_a_first_status_that_ocpp_doesnt_have_is_no_status(alpha):
    report(alpha, "Sleeping")
    assert Connector.objects.get().status == ""
    assert types(alpha) == []


# ── faults ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fault_begins_and_ends_once_whatever_is_repeated(alpha):
    for seconds in (0, 10, 20):
        report(alpha, "Faulted", seconds, error_code="GroundFailure", vendor_error_code="E17", info="water")
    for seconds in (30, 40):
        report(alpha, "Available", seconds)
    assert types(alpha) == [CHANGED, "station.fault", CHANGED, "station.fault_cleared"]
    (_, fault), (_, cleared) = told(alpha, "station.fault", "station.fault_cleared")
    said = {
        "error_code": "GroundFailure",
        "vendor_error_code": "E17",
        "info": "water",
        "evse_id": 1,
        "connector_id": 1,
    }
    assert fault.items() >= said.items()
    assert cleared.items() >= said.items()
    assert fault["fault_id"] == cleared["fault_id"]


def test_a_second_fault_is_another(alpha):
    for seconds, word in enumerate(["Faulted", "Available", "Faulted", "Available"]):
        report(alpha, word, seconds)
    ids = [data["fault_id"] for _, data in told(alpha, "station.fault", "station.fault_cleared")]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_fault_without_a_code_is_another_error(bravo):
    report(bravo, "Faulted")
    (_, changed), (_, fault) = told(bravo)
    assert changed["error_code"] is None
    assert fault["error_code"] == "OtherError"


def test_an_error_code_is_a_fault_whatever_the_status(alpha):
    report(alpha, "Available", error_code="WeakSignal")
    report(alpha, "Available", 1)
    assert types(alpha) == [CHANGED, "station.fault", CHANGED, "station.fault_cleared"]


def test_an_error_code_beside_finishing_is_no_fault(alpha):
    report(alpha, "Occupied", detail="Finishing", error_code="OtherError")
    assert types(alpha) == [CHANGED]


def test_the_first_code_stays_while_the_fault_is_open(alpha):
    report(alpha, "Faulted", error_code="GroundFailure")
    report(alpha, "Faulted", 1)
    report(alpha, "Faulted", 2, error_code="OverVoltage")
    assert types(alpha) == [CHANGED, "station.fault"]
    assert Connector.objects.get().error_code == "GroundFailure"
    report(alpha, "Available", 3)
    assert told(alpha)[-1][1]["error_code"] == "GroundFailure"


def test_a_code_that_comes_later_is_taken_where_there_was_none(alpha):
    report(alpha, "Faulted")
    report(alpha, "Faulted", 1, error_code="GroundFailure")
    assert types(alpha) == [CHANGED, "station.fault", CHANGED]
    assert Connector.objects.get().error_code == "GroundFailure"


def test_the_fault_of_one_connector_isnt_anothers(alpha):
    report(alpha, "Faulted")
    report(alpha, "Available", evse_id=2)
    assert types(alpha) == [CHANGED, "station.fault", CHANGED]


def test_both_versions_tell_the_same_of_the_same(alpha, bravo):
    for station in (alpha, bravo):
        report(station, "Available")
        report(station, "Faulted", 1)
        report(station, "Available", 2)
    one, other = told(alpha), told(bravo)
    for _, data in (*one, *other):
        data.pop("fault_id", None)
    assert one == other


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────


def test_messages_of_one_batch_see_what_came_before_them(alpha):
    with unit_of_work.begin():
        for seconds, word in enumerate(["Available", "Faulted", "Faulted", "Available"]):
            with clock.at(after(seconds)):
                connectors.report_status(alpha, status(word))
    assert types(alpha) == [CHANGED, CHANGED, "station.fault", CHANGED, "station.fault_cleared"]
    assert Connector.objects.get().status == "Available"


def test_a_batch_reads_once_however_many_stations_it_is_about(alpha, bravo):
    for station in (alpha, bravo):
        report(station, "Available")
    with counted() as sent, unit_of_work.begin() as work:
        work.buffer(ConnectorStates).preload([alpha.pk, bravo.pk])
        for station in (alpha, bravo):
            for evse_id in (1, 2, 3):
                connectors.report_status(station, status("Occupied", evse_id=evse_id))
    # The savepoint, what is read, what is written, the events, and the savepoint's end.
    assert len(sent) == 5
    assert Connector.objects.filter(status="Occupied").count() == 6


def test_what_wasnt_preloaded_is_read_when_it_is_asked_for(alpha):
    report(alpha, "Available")
    with unit_of_work.begin() as work:
        assert work.buffer(ConnectorStates).of(alpha.pk)[1, 1].status == "Available"


# ── learning ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connector_is_learnt_without_a_status(alpha):
    tell(connectors.learn, alpha, 2, 1)
    tell(connectors.learn, alpha, 2, 1, "cCCS2")
    row = Connector.objects.get()
    assert (row.evse_id, row.connector_id, row.status, row.type) == (2, 1, "", "cCCS2")
    assert types(alpha) == []


def test_learning_changes_nothing_of_what_is_known(alpha):
    report(alpha, "Occupied", detail="Charging")
    tell(connectors.learn, alpha, 1, 1, "sType2")
    tell(connectors.learn, alpha, 1, 1)
    row = Connector.objects.get()
    assert (row.status, row.detail, row.type) == ("Occupied", "Charging", "sType2")


@pytest.mark.parametrize(("evse_id", "connector_id"), [(None, None), (0, 0), (1, None), (None, 1), (0, 1)])
def test_nothing_is_learnt_of_what_names_no_connector(alpha, evse_id, connector_id):
    tell(connectors.learn, alpha, evse_id, connector_id)
    assert not Connector.objects.exists()


@pytest.mark.parametrize(("evse_id", "connector_id"), [(-1, 1), (10_000, 1), (1, 2**40), (2**70, 1)])
def test_numbers_that_no_connector_has_are_deviations(alpha, evse_id, connector_id):
    report(alpha, "Available", evse_id=evse_id, connector_id=connector_id)
    assert not Connector.objects.exists()
    assert types(alpha) == []
    assert Deviation.objects.get().rule == "connectors"


def test_a_station_has_a_bounded_number_of_connectors(alpha, monkeypatch):
    monkeypatch.setattr(connectors, "MOST_CONNECTORS", 3)
    for evse_id in range(1, 6):
        report(alpha, "Available", evse_id=evse_id)
    assert Connector.objects.count() == 3
    assert Deviation.objects.get().count == 2


def test_texts_that_are_too_long_are_cut(alpha):
    report(
        alpha, "Faulted", error_code="e" * 99, vendor_error_code="v" * 999, info="i" * 999, detail="d" * 99
    )
    row = Connector.objects.get()
    lengths = [len(text) for text in (row.error_code, row.vendor_error_code, row.info, row.detail)]
    assert lengths == [50, 255, 500, 40]
