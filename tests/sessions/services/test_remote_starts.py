"""Sessions that were started and stopped from afar, told to whoever follows the command."""

from datetime import timedelta

import pytest

from emobi.core import clock, unit_of_work
from sessions.reports import Token
from sessions.services import charging_sessions
from stations.commands import catalogue
from stations.models import Command, Station
from stations.services.commanding import following
from stations.services.presence import connections
from tests.sessions.said import NOON, after, ended, only_session, start_16, started, stop_16, tell, updated
from tests.stations.commanding import now, say, settle


def ask(station: Station, name: str, **params) -> Command:
    """A command that the station has agreed to, followed."""
    command = say(station, name, params)
    with unit_of_work.begin(), clock.at(NOON):
        following.begin(station, command, catalogue.parse(name, command.params))
    return settle(command)


def say_at(minutes: float, verb, station: Station, report):
    """What a station says, heard by a batch so many minutes after noon."""
    return tell(verb, connections.stations([station.pk])[station.pk], report, received=after(minutes))


def seen(command):
    """What was seen of it; None: nothing yet."""
    found = now(command).outcome["verification"]
    assert found["state"] == ("verified" if found["detail"] else "pending")
    return found["detail"]


def test_a_session_of_2_0_1_names_the_command_it_came_of(bravo):
    command = ask(bravo, "remote_start", id_token="GOOD", remote_start_id=7)
    say_at(1, charging_sessions.start, bravo, started(transaction_id="other", remote_start_id=8))
    say_at(1, charging_sessions.start, bravo, started(transaction_id="other2", evse_id=2))
    assert seen(command) is None
    say_at(2, charging_sessions.start, bravo, started(remote_start_id=7))
    session = bravo.charging_sessions.get(transaction_id="tx-1")
    assert seen(command) == {
        "session_id": session.pk, "transaction_id": "tx-1", "evse_id": 1, "connector_id": 1, "after_s": 120.0,
    }  # fmt: skip


def test_a_session_may_name_it_after_its_start(bravo):
    """The cable was in before (F02)."""
    say_at(-1, charging_sessions.start, bravo, started(token=None, trigger="CablePluggedIn"))
    command = ask(bravo, "remote_start", id_token="GOOD", remote_start_id=7)
    say_at(1, charging_sessions.update, bravo, updated(1, 1, remote_start_id=7, trigger="RemoteStart"))
    assert seen(command)["transaction_id"] == "tx-1"


@pytest.mark.parametrize(
    ("asked", "start", "received", "is_it"),
    [
        ({}, start_16(1), 1, True),
        ({}, start_16(1, token=Token(id_token="good")), 1, True),
        ({}, start_16(1, token=Token(id_token="OTHER")), 1, False),
        ({}, start_16(1, token=None), 1, False),
        ({"evse_id": 1}, start_16(1), 1, True),
        ({"evse_id": 2}, start_16(1), 1, False),
        # What it did while it was offline it says late.
        ({}, start_16(-30), 1, False),
        ({}, start_16(-5), 1, True),
        ({}, start_16(started_at=None), 1, True),
    ],
)
def test_a_session_of_1_6_is_known_by_token_place_and_time(alpha, asked, start, received, is_it):
    command = ask(alpha, "remote_start", id_token="GOOD", **asked)
    say_at(received, charging_sessions.start, alpha, start)
    assert (seen(command) is not None) == is_it


def test_a_clock_that_is_known_to_be_wrong_is_reckoned_with(alpha):
    alpha.clock_skew_s = timedelta(hours=-2).total_seconds()
    alpha.save()
    command = ask(alpha, "remote_start", id_token="GOOD")
    say_at(1, charging_sessions.start, alpha, start_16(-119))
    assert seen(command) is not None


def test_two_sessions_are_the_effects_of_two_commands(alpha):
    commands = [ask(alpha, "remote_start", id_token="GOOD") for _ in range(2)]
    say_at(1, charging_sessions.start, alpha, start_16(1, evse_id=1))
    assert [seen(command) is not None for command in commands] == [True, False]
    say_at(2, charging_sessions.start, alpha, start_16(2, evse_id=2))
    first, second = (seen(command)["session_id"] for command in commands)
    assert first != second


def test_a_start_that_is_sent_again_is_no_second_one(alpha):
    say_at(-1, charging_sessions.start, alpha, start_16(-1))
    command = ask(alpha, "remote_start", id_token="GOOD")
    say_at(1, charging_sessions.start, alpha, start_16(-1))
    assert seen(command) is None


def test_a_stop_from_afar_is_followed_to_the_end_of_its_session(alpha):
    number = tell(charging_sessions.start, alpha, start_16()).session.transaction_id
    command = ask(alpha, "remote_stop", transaction_id=number)
    say_at(1, charging_sessions.end, alpha, stop_16(number, reason="Remote"))
    session = only_session(alpha)
    assert seen(command) == {
        "session_id": session.pk, "transaction_id": number, "reason": "Remote", "after_s": 60.0,
    }  # fmt: skip


def test_another_sessions_end_is_not_this_ones(bravo):
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.start, bravo, started(transaction_id="tx-2", evse_id=2))
    command = ask(bravo, "remote_stop", transaction_id="tx-1")
    say_at(1, charging_sessions.end, bravo, ended(1, transaction_id="tx-2"))
    assert seen(command) is None
    say_at(1, charging_sessions.end, bravo, ended(1))
    assert seen(command)["transaction_id"] == "tx-1"
