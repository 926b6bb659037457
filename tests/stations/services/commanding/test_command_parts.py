"""Reports that come in parts belong to the command that asked for them."""

import itertools
from datetime import timedelta

import pytest

from stations.commands.outcome import Outcome
from stations.models import Command, CommandPart, CommandState, Station
from stations.reports import VariableReport, VariablesReport
from stations.services.commanding import command_ends, command_parts
from stations.services.device_model import variables
from tests.stations.commanding import ask, now, say, settle
from tests.stations.telling import NOON, after, tell_at

REPORTS = ("get_base_report", "get_report")


def asked(station: Station, request_id: int = 7, seconds: float = 0) -> Command:
    return settle(say(station, "get_base_report", {"request_id": request_id}, seconds), seconds=seconds)


def part(station: Station, seq_no: int | None, *items: str, more: bool = True, request_id=7, seconds=1.0):
    return tell_at(
        after(seconds), command_parts.add, station, REPORTS, request_id, seq_no=seq_no, more=more,
        items=[{"name": item} for item in items],
    )  # fmt: skip


def names(command):
    told = command_parts.report(now(command))
    return [item["name"] for item in told["items"]], told["count"], told["complete"]


def test_the_parts_together_are_the_report_of_their_command(bravo):
    command = asked(bravo)
    assert command_parts.report(now(command)) is None
    part(bravo, 0, "a", "b")
    assert names(command) == (["a", "b"], 2, False)
    assert part(bravo, 1, "c", more=False) == command
    assert names(command) == (["a", "b", "c"], 3, True)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_they_may_come_in_any_order_and_again(bravo, order):
    command = asked(bravo)
    for position, number in enumerate(order, 1):
        for _ in range(2):
            part(bravo, number, f"item{number}", more=number < 2)
        assert names(command)[2] == (position == 3)
    assert names(command) == (["item0", "item1", "item2"], 3, True)


def test_parts_without_numbers_are_told_apart_by_what_they_say(bravo):
    command = asked(bravo)
    for item, more in (("a", True), ("b", True), ("a", True), ("c", False), ("c", False)):
        part(bravo, None, item, more=more)
    assert names(command) == (["a", "b", "c"], 3, True)


def test_a_part_may_come_before_the_answer(bravo):
    command = say(bravo, "get_base_report", {"request_id": 7})
    part(bravo, 0, "a", more=False)
    assert now(command).state == CommandState.SENT
    settle(command)
    assert names(command) == (["a"], 1, True)


def test_a_report_that_nobody_asked_for_is_no_error(bravo, alpha):
    asked(bravo, request_id=8)
    ask(bravo, "get_base_report", params={"request_id": 7})  # not sent
    assert part(bravo, 0, "a", more=False) is None
    assert part(bravo, 0, "a", more=False, request_id=None) is None
    assert part(alpha, 0, "a", more=False, request_id=8) is None
    assert not CommandPart.objects.exists()


def test_no_report_follows_a_refusal(bravo):
    earlier = asked(bravo)
    refused = say(bravo, "get_base_report", {"request_id": 7}, 5)
    settle(refused, Outcome(state=CommandState.REJECTED, status="Rejected"))
    assert part(bravo, 0, "a", seconds=6) == earlier


def test_a_report_follows_a_command_whose_answer_was_lost(bravo):
    command = say(bravo, "get_base_report", {"request_id": 7})
    command_ends.fail(command, CommandState.UNKNOWN, "lost")
    assert part(bravo, 0, "a", more=False) == command


def test_of_several_commands_with_one_request_id_the_newest_is_meant(bravo):
    older, newer = asked(bravo), asked(bravo, seconds=5)
    part(bravo, 0, "a", more=False, seconds=6)
    assert command_parts.report(now(older)) is None
    assert names(newer) == (["a"], 1, True)


def test_the_same_request_id_of_another_kind_of_report_is_another_command(bravo):
    command = asked(bravo)
    assert command_parts.add(bravo, ("get_monitoring_report",), 7, seq_no=0, more=False, items=[]) is None
    assert command_parts.report(now(command)) is None


def test_what_comes_a_day_later_belongs_to_nobody(bravo):
    asked(bravo)
    late = command_parts.EXPECTED_FOR / timedelta(seconds=1)
    assert part(bravo, 0, "a", seconds=late) is None


def test_an_impossible_number_is_none(bravo):
    command = asked(bravo)
    for seq_no in (-1, 2**31, 10**30):
        part(bravo, seq_no, "a", more=False)
    assert names(command) == (["a"], 1, True)


def test_what_is_too_much_is_counted_and_not_kept(bravo, monkeypatch):
    monkeypatch.setattr(command_parts, "MOST_BYTES", 60)
    command = asked(bravo)
    for number in range(4):
        part(bravo, number, "x" * 10, "y", more=number < 3)
    items, count, complete = names(command)
    assert (len(items), count, complete) == (2, 8, True)


def test_a_station_that_never_stops_reporting_fills_no_database(bravo, monkeypatch):
    monkeypatch.setattr(command_parts, "MOST_PARTS", 3)
    asked(bravo)
    for number in range(6):
        part(bravo, number, "a")
    assert CommandPart.objects.count() == 3


def test_secrets_are_masked(bravo):
    command = asked(bravo)
    said = {"variable": "BasicAuthPassword", "value": "open sesame"}
    tell_at(after(1), command_parts.add, bravo, REPORTS, 7, seq_no=0, more=False, items=[said])
    assert command_parts.report(now(command))["items"] == [said | {"value": "***"}]


def test_a_device_model_is_the_report_of_the_command_that_asked_for_it(bravo):
    command = asked(bravo)
    said = VariableReport(
        component="EVSE", variable="Power", evse_id=1, value="11000", mutability="ReadOnly",
        persistent=True, constant=False, characteristics={"unit": "W"},
    )  # fmt: skip
    secret = VariableReport(
        component="SecurityCtrlr", variable="BasicAuthPassword", value="sesame", mutability="WriteOnly"
    )
    report = VariablesReport(request_id=7, seq_no=0, last=True, station_time=NOON, variables=(said, secret))
    tell_at(after(1), variables.report, bravo, report)
    power, password = command_parts.report(now(command))["items"]
    assert power == {
        "component": "EVSE", "component_instance": None, "evse_id": 1, "connector_id": None,
        "variable": "Power", "variable_instance": None, "attribute": "Actual", "value": "11000",
        "mutability": "ReadOnly", "persistent": True, "constant": False, "characteristics": {"unit": "W"},
    }  # fmt: skip
    assert password["value"] is None
