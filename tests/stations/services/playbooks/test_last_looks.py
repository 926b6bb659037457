"""A reset that waited for its station isn't sent any more if a driver charges by now, or all is well."""

import pytest

from emobi.core import clock, unit_of_work
from gateway.outbound import Claim
from stations.models import Command, PlaybookVersion
from stations.services.playbooks import interventions
from stations.services.presence import gateway_processes
from tests.stations.commanding import GATEWAY, ask, connect
from tests.stations.playing import advance, break_down, gone, how, make, only_run, quiet, repair
from tests.stations.services.playbooks.charging import charge
from tests.stations.telling import after, tell_at

RESET = {"do": "command", "label": "reset", "command": "reset", "params": {"type": "Immediate"},
         "on_failure": "continue"}  # fmt: skip
WAIT = {"do": "wait", "label": "well", "timeout_s": 60}


@pytest.fixture
def network(network):
    quiet(network)
    gateway_processes.start(GATEWAY, host="here", pid=1)
    return network


def claim(seconds):
    """What the process that holds the socket takes now, in the order in which it is sent."""
    with clock.at(after(seconds)), unit_of_work.begin():
        taken = Claim(at=clock.now(), gateway=GATEWAY, may_ask=lambda *_: True).run(None)
        return [each.call.action for each in taken]


def reset_of(station):
    return Command.objects.get(station=station, name="reset", requested_by__startswith="playbook:")


def test_a_driver_began_to_charge_while_it_waited(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    connect(alpha)
    session = charge(alpha, 2, "S1")
    mine = ask(alpha, "trigger_message", 2, {"requested_message": "Heartbeat"})
    assert claim(3) == []
    command = reset_of(alpha)
    assert command.state == "cancelled"
    assert command.outcome["reason"] == f"stopped by a guard rail: charging session {session.pk} is running"
    # The next one isn't held up by it.
    assert claim(4) == ["TriggerMessage"]
    assert mine.requested_by == "key:ek_1"
    advance(5)
    run = only_run(network)
    assert how(run)[:2] == ("needs_person", f"needs a person: charging session {session.pk} is running")
    assert gone(run) == [("reset", "cancelled")]


def test_a_person_may_reset_it_all_the_same_and_so_may_who_is_allowed_to(network, alpha, bravo):
    connect(alpha)
    connect(bravo)
    for station in (alpha, bravo):
        charge(station, 1, f"S {station.identity}")
    ask(alpha, "reset", 0, {"type": "Immediate"})
    make(network, RESET, guard_rails={"may_interrupt_sessions": "any"})
    break_down(bravo)
    advance(1)
    assert claim(2) == ["Reset", "Reset"]


def test_a_playbook_that_breaks_us_holds_up_no_command_of_others(network, alpha, bravo):
    """What is stored of it is older than the code, say."""
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    connect(alpha)
    connect(bravo)
    ask(bravo, "trigger_message", 2, {"requested_message": "Heartbeat"})
    PlaybookVersion.objects.update(written={"steps": "of another time"})
    assert claim(3) == ["TriggerMessage"]
    command = reset_of(alpha)
    assert (command.state, command.sent_at) == ("failed", None)
    assert command.outcome["reason"] == "failed here; see the server's log"


def test_a_station_that_is_well_again_when_it_comes_back_is_not_reset(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    connect(alpha)
    repair(alpha, 2)
    assert claim(3) == []
    assert reset_of(alpha).outcome["reason"] == "all is well again"
    advance(4)
    assert how(only_run(network)) == ("succeeded", "", True)


def test_a_reset_that_still_waits_is_taken_back_when_all_is_well(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    repair(alpha, 2)
    advance(3)
    assert reset_of(alpha).state == "cancelled"
    run = only_run(network)
    assert gone(run) == [("reset", "failed"), ("well", "succeeded")]
    assert how(run) == ("succeeded", "", True)


def test_what_a_person_has_started_is_sent_whatever_is_the_case(network, alpha):
    playbook = make(network, RESET, WAIT, enabled=False)
    connect(alpha)
    tell_at(after(0), interventions.start, playbook, alpha, by="user:bob")
    advance(1)
    advance(5)
    assert claim(6) == ["Reset"]
