import pytest

from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Deviation, Monitor, Registration
from stations.reports import MonitorReport, MonitorsReport
from stations.services.device_model import monitors
from tests.stations.telling import NOON, after, tell, tell_at, told


def monitor(monitor_id, variable="Power", **said):
    fields = {"component": "EVSE", "variable": variable, "type": "Delta", "value": 1.5, "severity": 5}
    return MonitorReport(monitor_id=monitor_id, **fields | said)


def part(*found: MonitorReport, seq_no: int = 0, last: bool = True, request_id: int = 7) -> MonitorsReport:
    return MonitorsReport(request_id=request_id, seq_no=seq_no, last=last, station_time=NOON, monitors=found)


def ask(station, **params) -> Command:
    return Command.objects.create(
        id="C7", network=station.network, station=station, name="get_monitoring_report",
        params={"request_id": 7} | params, state=CommandState.ACCEPTED, requested_by="user:alice",
        expires_at=after(60), sent_at=after(-10),
    )  # fmt: skip


def kept() -> set[int]:
    return set(Monitor.objects.values_list("monitor_id", flat=True))


def test_a_report_is_kept(bravo):
    said = monitor(
        3, component_instance="a", variable_instance="b", evse_id=1, connector_id=2, type="UpperThreshold",
        value=11_000, severity=0, transaction=True,
    )  # fmt: skip
    tell(monitors.report, bravo, part(said))
    row = Monitor.objects.get()
    assert (row.monitor_id, row.component, row.component_instance, row.evse_id) == (3, "EVSE", "a", 1)
    assert (row.variable, row.variable_instance, row.connector_id) == ("Power", "b", 2)
    assert (row.type, row.value, row.severity, row.transaction) == ("UpperThreshold", 11_000, 0, True)
    assert (row.ours, row.reported_at) == (False, NOON)


def test_a_report_that_comes_again_changes_the_row(bravo):
    tell(monitors.report, bravo, part(monitor(3)))
    tell_at(after(60), monitors.report, bravo, part(monitor(3, value=2, severity=4)))
    row = Monitor.objects.get()
    assert (row.value, row.severity, row.reported_at) == (2, 4, after(60))


def test_a_report_is_told_when_all_its_parts_have_come(bravo):
    ask(bravo)
    tell(monitors.report, bravo, part(monitor(2), seq_no=1))
    assert told(bravo) == []
    tell(monitors.report, bravo, part(monitor(1), last=False))
    ((kind, data),) = told(bravo)
    assert kind == "monitor.report_received"
    assert (data["request_id"], data["monitors"], data["station_time"]) == (7, 2, "2026-05-04T12:00:00.000Z")


def test_a_report_that_nobody_asked_for_is_told_with_its_last_part(bravo):
    tell(monitors.report, bravo, part(monitor(1), last=False))
    tell(monitors.report, bravo, part(monitor(2), seq_no=1))
    assert [data["monitors"] for _, data in told(bravo)] == [1]


def test_what_a_whole_report_leaves_out_is_gone(bravo):
    tell_at(after(-60), monitors.report, bravo, part(monitor(1), monitor(2), request_id=1))
    ask(bravo)
    tell(monitors.report, bravo, part(monitor(2), last=False))
    assert kept() == {1, 2}
    tell(monitors.report, bravo, part(monitor(3), seq_no=1))
    assert kept() == {2, 3}


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, set()),
        ({"monitoring_criteria": ["ThresholdMonitoring"]}, {1, 4}),
        ({"monitoring_criteria": ["DeltaMonitoring", "PeriodicMonitoring"]}, {2, 3}),
        ({"component_variables": [{"component": "evse", "variable": "power"}]}, {4}),
        ({"component_variables": [{"component": "EVSE", "evse_id": 2}]}, {1, 2, 4}),
        ({"component_variables": [{"component": "EVSE"}, {"component": "X"}]}, set()),
        (
            {"monitoring_criteria": ["PeriodicMonitoring"], "component_variables": [{"component": "EVSE"}]},
            {1, 2, 3},
        ),
    ],
)
def test_an_empty_result_takes_away_what_would_have_been_in_it(bravo, asked, left):
    found = [
        monitor(1),
        monitor(2, type="UpperThreshold"),
        monitor(3, type="LowerThreshold", evse_id=2),
        monitor(4, "Temperature", type="PeriodicClockAligned"),
    ]
    tell(monitors.report, bravo, part(*found))
    command = catalogue.parse("get_monitoring_report", asked)
    empty = Outcome(state=CommandState.ACCEPTED, status="EmptyResultSet")
    tell(monitors.none_reported, bravo, command, empty)
    assert kept() == left


# ── what we set ─────────────────────────────────────────────────────────────────────────────────────────


SETTING = {"component": "EVSE", "evse_id": 1, "variable": "Power", "type": "Delta", "value": 5, "severity": 5}


def answer(**said):
    named = {name: value for name, value in SETTING.items() if name != "value"}
    unsaid = {"component_instance": None, "variable_instance": None, "connector_id": None}
    return unsaid | named | {"status": "Accepted", "monitor_id": 9} | said


def outcome(*answers) -> Outcome:
    return Outcome(state=CommandState.ACCEPTED, status="Accepted", detail={"monitors": list(answers)})


def test_what_was_set_is_kept_with_the_id_that_the_station_gave(bravo):
    asked = catalogue.parse("set_monitors", {"monitors": [SETTING | {"severity": 4, "value": 7}, SETTING]})
    # In any order, and in whatever case (N04.FR.02).
    answers = [answer(component="Evse"), answer(severity=4, monitor_id=8)]
    tell(monitors.were_set, bravo, asked, outcome(*answers))
    assert dict(Monitor.objects.values_list("monitor_id", "value")) == {9: 5, 8: 7}
    assert Monitor.objects.filter(ours=True, evse_id=1).count() == 2


@pytest.mark.parametrize(
    "said", [{"status": "Duplicate"}, {"monitor_id": None}, {"variable": "Other"}, {"severity": 1}]
)
def test_what_was_refused_or_not_asked_for_is_not_kept(bravo, said):
    asked = catalogue.parse("set_monitors", {"monitors": [SETTING]})
    tell(monitors.were_set, bravo, asked, outcome(answer(**said)))
    assert kept() == set()


def test_what_was_removed_is_gone_and_so_is_what_the_station_does_not_know(bravo):
    tell(monitors.report, bravo, part(monitor(1), monitor(2), monitor(3), monitor(4)))
    asked = catalogue.parse("clear_monitors", {"monitor_ids": [1, 2, 3]})
    answers = [
        {"monitor_id": 1, "status": "Accepted"},
        {"monitor_id": 2, "status": "NotFound"},
        {"monitor_id": 3, "status": "Rejected"},
        {"monitor_id": 4, "status": "Accepted"},
    ]
    tell(monitors.were_cleared, bravo, asked, outcome(*answers))
    assert kept() == {3, 4}


@pytest.mark.parametrize(
    ("base", "state", "left"),
    [
        ("All", CommandState.ACCEPTED, {1, 9}),
        ("FactoryDefault", CommandState.ACCEPTED, {1}),
        ("HardWiredOnly", CommandState.ACCEPTED, {1}),
        ("HardWiredOnly", CommandState.REJECTED, {1, 9}),
    ],
)
def test_a_base_takes_away_what_was_set(bravo, base, state, left):
    tell(monitors.report, bravo, part(monitor(1)))
    tell(
        monitors.were_set, bravo, catalogue.parse("set_monitors", {"monitors": [SETTING]}), outcome(answer())
    )
    asked = catalogue.parse("set_monitoring_base", {"monitoring_base": base})
    tell(monitors.base_was_set, bravo, asked, Outcome(state=state, status="x"))
    assert kept() == left


def test_another_station_is_never_touched(bravo, stranger):
    tell(monitors.report, stranger, part(monitor(1)))
    asked = catalogue.parse("clear_monitors", {"monitor_ids": [1]})
    tell(monitors.were_cleared, bravo, asked, outcome({"monitor_id": 1, "status": "Accepted"}))
    empty = Outcome(state=CommandState.ACCEPTED, status="EmptyResultSet")
    tell(monitors.none_reported, bravo, catalogue.parse("get_monitoring_report", {}), empty)
    assert kept() == {1}


def test_after_a_boot_the_station_is_asked_which_monitors_it_has(bravo):
    tell(monitors.booted, bravo)
    assert not Command.objects.exists()
    tell(monitors.report, bravo, part(monitor(1)))
    for _ in range(2):
        tell(monitors.booted, bravo)
    command = Command.objects.get()
    assert (command.name, command.requested_by) == ("get_monitoring_report", "system:monitors")


def test_a_station_that_may_not_be_asked_is_not(bravo):
    tell(monitors.report, bravo, part(monitor(1)))
    bravo.registration = Registration.REJECTED
    tell(monitors.booted, bravo)
    assert not Command.objects.exists()


def test_a_station_that_is_not_told_yet_that_it_is_accepted_is_not_asked(bravo):
    tell(monitors.report, bravo, part(monitor(1)))
    bravo.told_registration = Registration.PENDING
    tell(monitors.booted, bravo)
    assert not Command.objects.exists()


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_too_long_or_out_of_range_is_cut(bravo):
    odd = monitor(
        -(2**31), "v" * 99, component="c" * 99, component_instance="i" * 99, type="t" * 99, value=1.5e308,
        severity=10, evse_id=-1, connector_id=2**40,
    )  # fmt: skip
    tell(monitors.report, bravo, part(odd, monitor(2**64 - 1)))
    assert [(each.rule, each.path) for each in Deviation.objects.all()] == [
        ("range", "monitor[].variableMonitoring[].id")
    ]
    row = Monitor.objects.get()
    assert (len(row.component), len(row.variable), len(row.type)) == (50, 50, 20)
    assert (row.value, row.severity, row.evse_id, row.connector_id) == (None, None, None, None)


def test_a_station_has_a_bounded_number_of_monitors(bravo, monkeypatch):
    monkeypatch.setattr(monitors, "MOST_MONITORS", 2)
    tell(monitors.report, bravo, part(monitor(1), monitor(2)))
    tell(monitors.report, bravo, part(monitor(2, value=9), monitor(3)))
    assert kept() == {1, 2}
    assert Monitor.objects.get(monitor_id=2).value == 9
    assert Deviation.objects.get().rule == "monitors"
