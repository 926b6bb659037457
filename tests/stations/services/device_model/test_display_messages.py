import pytest

from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Deviation, DisplayMessage
from stations.reports import DisplayMessageReport, DisplayMessagesReport
from stations.services.device_model import display_messages
from tests.stations.telling import NOON, after, tell, tell_at, told


def message(message_id: int, **said) -> DisplayMessageReport:
    fields = {"priority": "NormalCycle", "format": "UTF8", "content": "Welcome"}
    return DisplayMessageReport(message_id=message_id, **fields | said)


def part(*found: DisplayMessageReport, last: bool = True, request_id: int = 7) -> DisplayMessagesReport:
    return DisplayMessagesReport(request_id=request_id, last=last, messages=found)


def ask(station, **params) -> Command:
    return Command.objects.create(
        id="C7", network=station.network, station=station, name="get_display_messages",
        params={"request_id": 7} | params, state=CommandState.ACCEPTED, requested_by="user:alice",
        expires_at=after(60), sent_at=after(-10),
    )  # fmt: skip


def kept() -> set[int]:
    return set(DisplayMessage.objects.values_list("message_id", flat=True))


def command(name, **params):
    return catalogue.parse(name, params)


def outcome(status="Accepted", state=CommandState.ACCEPTED) -> Outcome:
    return Outcome(state=state, status=status)


REFUSED = outcome("NotSupportedState", CommandState.REJECTED)


def test_a_report_is_kept_and_told(bravo):
    said = message(
        3, priority="InFront", state="Idle", format="HTML", language="en-US", content="<b>x</b>",
        start_at=NOON, end_at=after(60), transaction_id="tx-1", display={"component": "Display"},
    )  # fmt: skip
    tell(display_messages.report, bravo, part(said))
    row = DisplayMessage.objects.get()
    assert (row.message_id, row.priority, row.state, row.format) == (3, "InFront", "Idle", "HTML")
    assert (row.language, row.content, row.start_at, row.end_at) == ("en-US", "<b>x</b>", NOON, after(60))
    assert (row.transaction_id, row.display, row.reported_at) == ("tx-1", {"component": "Display"}, NOON)
    ((kind, data),) = told(bravo)
    assert kind == "display_message.reported"
    assert (data["request_id"], data["complete"]) == (7, True)
    assert data["messages"] == [
        {
            "message_id": 3, "priority": "InFront", "state": "Idle", "format": "HTML", "language": "en-US",
            "content": "<b>x</b>", "start_at": "2026-05-04T12:00:00.000Z",
            "end_at": "2026-05-04T12:01:00.000Z", "transaction_id": "tx-1",
            "display": {"component": "Display"},
        }
    ]  # fmt: skip


def test_each_part_is_told_and_the_last_says_so(bravo):
    tell(display_messages.report, bravo, part(message(1), last=False))
    tell(display_messages.report, bravo, part())
    assert [(len(data["messages"]), data["complete"]) for _, data in told(bravo)] == [(1, False), (0, True)]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, {4}),
        ({"message_ids": [1, 4]}, {2, 3, 4}),
        ({"priority": "InFront"}, {1, 3, 4}),
        ({"state": "Idle"}, {1, 2, 4}),
    ],
)
def test_what_a_whole_report_leaves_out_is_gone(bravo, asked, left):
    found = [message(1), message(2, priority="InFront"), message(3, state="Idle")]
    tell_at(after(-60), display_messages.report, bravo, part(*found, request_id=1))
    ask(bravo, **asked)
    tell(display_messages.report, bravo, part(message(4), last=False))
    assert kept() == {1, 2, 3, 4}
    tell(display_messages.report, bravo, part())
    assert kept() == left


def test_that_there_are_none_takes_them_away(bravo):
    tell(display_messages.report, bravo, part(message(1), message(2, priority="InFront")))
    asked = command("get_display_messages", priority="InFront")
    tell(display_messages.none_reported, bravo, asked, outcome("Accepted"))
    assert kept() == {1, 2}
    tell(display_messages.none_reported, bravo, asked, outcome("Unknown"))
    assert kept() == {1}


def test_a_message_that_was_set_is_kept_and_replaced_by_its_id(bravo):
    wanted = {
        "message_id": 1,
        "priority": "InFront",
        "content": "A",
        "state": "Idle",
        "end_at": "2026-05-04T12:00:00Z",
    }
    tell(display_messages.was_set, bravo, command("set_display_message", **wanted), outcome())
    first = DisplayMessage.objects.get()
    assert (first.content, first.state, first.end_at, first.display) == ("A", "Idle", NOON, None)
    plain = {
        "message_id": 1,
        "priority": "NormalCycle",
        "content": "B",
        "display": {"component": "D", "evse_id": 2},
    }
    tell(display_messages.was_set, bravo, command("set_display_message", **plain), outcome())
    second = DisplayMessage.objects.get()
    assert (second.content, second.state, second.end_at) == ("B", "", None)
    assert second.display == {
        "component": "D",
        "component_instance": None,
        "evse_id": 2,
        "connector_id": None,
    }


def test_a_message_that_was_refused_is_not_kept(bravo):
    asked = command("set_display_message", message_id=1, priority="InFront", content="A")
    tell(display_messages.was_set, bravo, asked, REFUSED)
    assert kept() == set()


def test_one_message_stands_in_front_of_all_others(bravo):
    for message_id, priority in ((1, "AlwaysFront"), (2, "NormalCycle"), (3, "AlwaysFront")):
        asked = command("set_display_message", message_id=message_id, priority=priority, content="A")
        tell(display_messages.was_set, bravo, asked, outcome())
    assert kept() == {2, 3}


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (outcome(), set()),
        (outcome("Unknown", CommandState.REJECTED), set()),
        (outcome("Other", CommandState.REJECTED), {1}),
    ],
)
def test_a_message_that_was_removed_is_gone(bravo, answer, left):
    tell(display_messages.report, bravo, part(message(1)))
    tell(display_messages.was_cleared, bravo, command("clear_display_message", message_id=1), answer)
    assert kept() == left


def test_another_station_is_never_touched(bravo, stranger):
    tell(display_messages.report, stranger, part(message(1, priority="AlwaysFront")))
    asked = command("set_display_message", message_id=2, priority="AlwaysFront", content="A")
    tell(display_messages.was_set, bravo, asked, outcome())
    tell(display_messages.was_cleared, bravo, command("clear_display_message", message_id=1), outcome())
    tell(display_messages.none_reported, bravo, command("get_display_messages"), outcome("Unknown"))
    assert kept() == {1}


def test_what_is_too_long_or_out_of_range_is_cut(bravo):
    odd = message(
        1, priority="p" * 99, state="s" * 99, format="f" * 99, language="l" * 99, content="c" * 9999,
        transaction_id="t" * 99, end_at=NOON.replace(year=2345), display={"component": "x" * 9999},
    )  # fmt: skip
    tell(display_messages.report, bravo, part(odd, message(2**64 - 1)))
    assert Deviation.objects.get().path == "messageInfo[].id"
    row = DisplayMessage.objects.get()
    assert (len(row.priority), len(row.state), len(row.format), len(row.language)) == (20, 20, 10, 8)
    assert (len(row.content), len(row.transaction_id), row.end_at, row.display) == (512, 64, None, None)


def test_a_station_has_a_bounded_number_of_messages(bravo, monkeypatch):
    monkeypatch.setattr(display_messages, "MOST_MESSAGES", 2)
    tell(display_messages.report, bravo, part(message(1), message(2)))
    tell(display_messages.report, bravo, part(message(2, content="B"), message(3)))
    assert kept() == {1, 2}
    assert DisplayMessage.objects.get(message_id=2).content == "B"
    assert Deviation.objects.get().rule == "display messages"
