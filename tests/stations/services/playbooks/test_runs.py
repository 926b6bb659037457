"""Runs: started by events, step by step, judged by their goal, once each whatever happens."""

import pytest

from emobi.core import clock
from emobi.core.models import AuditEntry
from stations.commands.outcome import Outcome
from stations.models import CommandState, PlaybookControl, PlaybookRun, RunStep, Station
from stations.services.playbooks import interventions, playbooks, runs, step_looks, triggering
from tests.stations.playing import (
    advance,
    answer,
    asked,
    break_down,
    gone,
    how,
    make,
    only_run,
    quiet,
    repair,
)
from tests.stations.telling import NOON, after, tell_at, told

RESET = {"do": "command", "label": "reset", "command": "reset", "params": {"type": "Immediate"}}
WAIT = {"do": "wait", "label": "well", "timeout_s": 60}
REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")


@pytest.fixture
def network(network):
    quiet(network)
    return network


# ── from the event to the end ───────────────────────────────────────────────────────────────────────────


def test_a_fault_that_a_reset_cures_ends_verified(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    assert (how(run)[0], asked(alpha)) == ("waiting", ["reset"])
    (reset,) = answer(alpha, seconds=2)
    advance(3)
    assert gone(run) == [("reset", "succeeded"), ("well", "waiting")]
    repair(alpha, 30)
    advance(31)
    assert how(run) == ("succeeded", "", True)
    step = RunStep.objects.get(run=run, index=0)
    assert step.command == reset
    assert step.outputs["message_id"] == reset.message_id
    assert step.outputs["state"] == "accepted"
    types = [kind for kind, _ in told(alpha) if kind.startswith("playbook.")]
    assert types == ["playbook.started", "playbook.step", "playbook.step", "playbook.succeeded"]
    assert told(alpha, "playbook.succeeded")[0][1] == {
        "run_id": run.pk, "playbook": "cure", "version": 1, "state": "succeeded", "verified": True,
        "reason": None, "incident_id": None, "duration_s": 30.0,
    }  # fmt: skip


def test_one_that_it_does_not_cure_ends_not_verified(network, alpha):
    make(network, RESET, {**WAIT, "on_failure": "continue"})
    break_down(alpha)
    advance(1)
    answer(alpha, seconds=2)
    advance(3)
    advance(64)
    run = only_run(network)
    assert how(run) == ("not_verified", "the goal doesn't hold", False)
    assert gone(run) == [("reset", "succeeded"), ("well", "failed")]
    assert told(alpha, "playbook.failed")[0][1]["state"] == "not_verified"


def test_a_step_that_fails_ends_the_run_where_nothing_else_is_said(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    answer(alpha, REJECTED, seconds=2)
    advance(3)
    assert how(only_run(network)) == ("failed", "step 1: reset: rejected (Rejected)", False)


def test_it_goes_where_its_steps_say(network, alpha):
    make(
        network,
        {**RESET, "on_failure": "goto told"},
        WAIT,
        {"do": "notify", "label": "told", "text": "Look at it."},
        {"do": "check", "label": "charging", "that": [{"fact": "evse.charging", "value": True}],
         "on_failure": "continue"},
        {"do": "notify", "label": "never", "text": "x",
         "when": [{"fact": "step.charging", "value": "succeeded"}]},
        {"do": "stop", "verdict": "failed", "reason": "it won't listen"},
    )  # fmt: skip
    break_down(alpha)
    advance(1)
    answer(alpha, REJECTED, seconds=2)
    advance(3)
    run = only_run(network)
    assert gone(run) == [
        ("reset", "failed"), ("told", "succeeded"), ("charging", "failed"), ("never", "skipped"),
        ("stop", "succeeded"),
    ]  # fmt: skip
    assert how(run) == ("failed", "it won't listen", False)
    assert told(alpha, "playbook.step")[1][1]["message"] == "Look at it."


def test_a_verdict_is_no_better_than_the_goal(network, alpha):
    make(network, {"do": "stop", "verdict": "verified"})
    break_down(alpha)
    advance(1)
    assert how(only_run(network)) == ("not_verified", "the goal doesn't hold", False)


def test_an_event_that_came_before_the_wait_began_is_the_effect_of_the_command(network, alpha):
    boot = {"do": "wait", "label": "boot", "event": "station.fault_cleared", "timeout_s": 60,
            "where": [{"fact": "event.fault_id", "value": "$cause.fault_id"}]}  # fmt: skip
    make(network, RESET, boot)
    break_down(alpha)
    advance(1)
    answer(alpha, seconds=2)
    repair(alpha, 2)
    advance(3)
    run = only_run(network)
    assert gone(run) == [("reset", "succeeded"), ("boot", "succeeded")]
    assert how(run)[0] == "succeeded"


def test_params_name_what_is_known_of_the_cause(network, alpha):
    make(network, {"do": "command", "command": "unlock", "params": {"evse_id": "$cause.evse_id"}})
    break_down(alpha, evse_id=2)
    advance(1)
    step = RunStep.objects.select_related("command").get()
    assert step.command.params == {"evse_id": 2}
    assert step.inputs == {"command": "unlock", "params": {"evse_id": 2}}


def test_what_cannot_be_asked_fails_the_step_and_not_the_engine(network, alpha):
    make(network, {"do": "command", "command": "unlock", "params": {"evse_id": "$cause.error_code"}})
    break_down(alpha)
    advance(1)
    state, reason, _ = how(only_run(network))
    assert state == "failed"
    assert "params.evse_id" in reason


def test_a_fault_of_ours_ends_one_run_and_leaves_the_others(network, alpha, bravo, monkeypatch):
    make(network, {"do": "notify", "text": "x"}, slug="one")
    break_down(alpha)
    break_down(bravo)
    sound = runs.step_begins.begin

    def fail(run, step):
        if run.station_id == alpha.pk:
            raise ValueError("of ours")
        sound(run, step)

    monkeypatch.setattr(runs.step_begins, "begin", fail)
    monkeypatch.setattr(runs.guard_rails, "room", lambda network_id: 2)
    monkeypatch.setattr(runs.guard_rails, "share", lambda network_id, percent: 2)
    advance(1)
    states = dict(PlaybookRun.objects.values_list("station__identity", "state"))
    assert states == {"alpha": "failed", "bravo": "not_verified"}


# ── triggers ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("more", "starts"),
    [
        ({"where": [{"fact": "event.error_code", "op": "one_of", "value": ["InternalError", "X"]}]}, True),
        ({"where": [{"fact": "event.error_code", "op": "not_one_of", "value": ["InternalError"]}]}, False),
        ({"where": [{"fact": "event.info", "op": "known"}]}, False),
        ({"where": [{"fact": "station.tags", "op": "contains", "value": "fast"}]}, True),
        ({"where": [{"fact": "event.evse_id", "op": "at_least", "value": 2}]}, False),
    ],
)
def test_conditions_say_which_events_start_it(network, alpha, more, starts):
    Station.objects.filter(pk=alpha.pk).update(tags=["fast", "roof"])
    make(network, RESET, trigger={"event": "station.fault", **more})
    break_down(alpha)
    advance(1)
    assert PlaybookRun.objects.exists() == starts


@pytest.mark.parametrize(
    ("scope", "starts"),
    [({"sites": ["Depot"]}, True), ({"sites": ["Depot"], "models": ["M2"]}, False), ({"tags": ["x"]}, False)],
)
def test_a_scope_says_for_whom(network, alpha, scope, starts):
    Station.objects.filter(pk=alpha.pk).update(site="Depot", model="M1")
    make(network, RESET, scope=scope)
    break_down(alpha)
    advance(1)
    assert PlaybookRun.objects.exists() == starts


def test_an_event_starts_a_run_once_however_often_one_looks(network, alpha):
    make(network, RESET)
    break_down(alpha)
    with clock.at(after(1)):
        assert triggering.look() == 1
        PlaybookControl.objects.filter(network=network).update(cursor=0)
        assert triggering.look() == 0
    only_run(network)


def test_a_fault_in_the_middle_starts_neither_run_nor_forgets_the_event(network, alpha, monkeypatch):
    make(network, RESET)
    break_down(alpha)
    with monkeypatch.context() as broken:
        broken.setattr(triggering, "_wake", lambda *_: 1 / 0)
        with clock.at(after(1)):
            assert triggering.look() == 0
    advance(2)
    only_run(network)


def test_old_events_strangers_and_cool_downs_start_nothing(network, alpha, stranger):
    make(network, {"do": "notify", "text": "x"}, guard_rails={"cooldown_s": 600})
    break_down(alpha, -3700)
    break_down(stranger)
    advance(0)
    assert not network.playbook_runs.exists()
    break_down(alpha, 1)
    advance(2)
    break_down(alpha, 300)
    advance(301)
    only_run(network)
    break_down(alpha, 700)
    advance(701)
    assert network.playbook_runs.count() == 2


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_approval_is_waited_for(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    assert how(run)[0] == "needs_approval"
    assert asked(alpha) == []
    tell_at(after(5), interventions.approve, run, by="user:bob")
    advance(6)
    assert (how(run)[0], asked(alpha), run.approved_by) == ("waiting", ["reset"], "user:bob")


def test_one_that_nobody_approves_needs_a_person(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    advance(86_500)
    assert how(only_run(network)) == ("needs_person", "needs a person: nobody approved it in time", False)
    assert asked(alpha) == []


def test_one_that_was_refused_asks_again_when_it_is_tried_again(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    tell_at(after(2), interventions.refuse, run, by="user:bob")
    tell_at(after(3), interventions.retry, run, by="user:carol")
    advance(4)
    assert (how(run)[0], asked(alpha)) == ("needs_approval", [])
    tell_at(after(5), interventions.approve, run, by="user:bob")
    advance(6)
    assert (how(run)[0], asked(alpha)) == ("waiting", ["reset"])


def test_one_that_is_needed_no_more_waits_for_no_approval(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    break_down(alpha, 10)  # whatever it says, it goes on waiting
    advance(11)
    assert how(only_run(network))[0] == "needs_approval"
    repair(alpha, 20)
    advance(21)
    assert how(only_run(network)) == ("cancelled", "all was well again before anybody approved it", True)


def test_an_event_is_found_behind_any_number_of_others(network, alpha, monkeypatch):
    monkeypatch.setattr(step_looks, "PORTION", 2)
    wait = {"do": "wait", "label": "code", "event": "station.fault", "timeout_s": 600, "on_failure": "stop"}
    make(network, {**wait, "where": [{"fact": "event.error_code", "value": "OtherError"}]})
    break_down(alpha)
    advance(1)
    for seconds in range(2, 7):
        break_down(alpha, seconds)
    break_down(alpha, 7, code="OtherError")
    for seconds in (10, 20, 30, 40):
        advance(seconds)
    assert gone(only_run(network)) == [("code", "succeeded")]


@pytest.mark.parametrize(("verb", "state"), [("approve", "succeeded"), ("refuse", "failed")])
def test_a_step_asks_a_person(network, alpha, verb, state):
    make(
        network, {"do": "ask", "label": "may_i", "text": "May I?", "timeout_s": 600, "on_failure": "continue"}
    )
    break_down(alpha)
    advance(1)
    run = only_run(network)
    assert how(run)[:2] == ("needs_approval", "May I?")
    tell_at(after(5), getattr(interventions, verb), run, by="user:bob")
    advance(6)
    assert gone(run) == [("may_i", state)]


def test_whoever_cancels_takes_back_what_was_not_sent(network, alpha):
    make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    tell_at(after(5), interventions.cancel, run, by="user:bob", reason="I'm there")
    assert how(run)[:2] == ("cancelled", "cancelled by user:bob: I'm there")
    assert RunStep.objects.get().command.state == "cancelled"
    assert answer(alpha, seconds=6) == []


def test_a_run_that_ended_is_tried_again_from_a_step(network, alpha):
    make(network, RESET, {**WAIT, "on_failure": "continue"})
    break_down(alpha)
    advance(1)
    answer(alpha, seconds=2)
    advance(3)
    advance(100)
    run = only_run(network)
    assert how(run)[0] == "not_verified"
    tell_at(after(200), interventions.retry, run, by="user:bob", index=1)
    repair(alpha, 201)
    advance(202)
    advance(203)
    assert how(run) == ("succeeded", "", True)
    assert gone(run) == [("reset", "succeeded"), ("well", "failed"), ("well", "succeeded")]
    assert asked(alpha) == ["reset"]


def test_what_people_and_playbooks_did_is_in_the_audit_log(network, alpha):
    make(network, RESET)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    tell_at(after(5), interventions.take_over, run, by="user:bob")
    found = dict(AuditEntry.objects.values_list("action", "actor"))
    me = f"playbook:cure:{run.pk}"
    assert found == {
        "playbook.created": "user:alice",
        "playbook_run.begun": me,
        "command.requested": me,
        "playbook_run.ended": me,
        "playbook_run.taken_over": "user:bob",
    }
    begun = AuditEntry.objects.get(action="playbook_run.begun")
    assert begun.detail["cause"]["id"] == run.cause_event_id


def test_one_can_be_started_by_hand(network, alpha):
    playbook = make(network, RESET, enabled=False)
    run = tell_at(NOON, interventions.start, playbook, alpha, by="user:bob")
    advance(1)
    assert (how(run)[0], asked(alpha)) == ("waiting", ["reset"])


# ── dry runs and versions ───────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_notes_what_it_would_do(network, alpha):
    make(
        network, RESET, WAIT, {"do": "notify", "text": "x"}, {"do": "stop", "verdict": "failed"}, dry_run=True
    )
    break_down(alpha)
    advance(1)
    run = only_run(network)
    assert how(run)[0] == "dry_run"
    assert gone(run) == [("reset", "noted"), ("well", "noted"), ("notify", "noted"), ("stop", "noted")]
    assert asked(alpha) == []
    assert [kind for kind, _ in told(alpha) if kind.startswith("playbook")] == []


def test_a_run_follows_the_version_that_it_began_with(network, alpha):
    playbook = make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    other = playbooks.version(playbook).written | {"steps": [{"do": "stop", "verdict": "failed"}]}
    tell_at(after(2), playbooks.add_version, playbook, other, by="user:alice")
    answer(alpha, seconds=3)
    advance(4)
    assert gone(only_run(network)) == [("reset", "succeeded"), ("well", "waiting")]
    assert playbooks.version(playbook).number == 2
