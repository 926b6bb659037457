"""Who asks a person, or can't go on without one, tells people: nobody has to look at a page for it."""

import pytest

from emobi.core import clock
from stations.commands.outcome import Outcome
from stations.models import CommandState, Incident, Notification
from stations.services.notifications import routes, telling
from stations.services.playbooks import interventions, switches
from tests.stations.commanding import ACCEPTED, ask, connect, send
from tests.stations.playing import advance, answer, asked, break_down, how, make, only_run, quiet
from tests.stations.services.incidents.fleets import look
from tests.stations.telling import NOON, after, tell_at

RESET = {"do": "command", "command": "reset", "params": {"type": "Immediate"}, "on_failure": "continue"}


@pytest.fixture
def network(network):
    quiet(network)
    on_call = {"name": "On call", "recipients": ["alice@example.org"]}
    tell_at(NOON, routes.create, network, on_call, by="user:a")
    return network


def heard():
    return list(Notification.objects.order_by("pk").values_list("subject", flat=True))


def test_whoever_is_to_approve_a_run_is_told(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    advance(2)
    assert heard() == ["[major] alpha: cure waits for a person's approval"]
    assert Notification.objects.get().path == f"/playbooks/runs/{only_run(network).pk}/"


def test_a_step_that_asks_is_told_and_a_dry_run_asks_nobody(network, alpha, bravo):
    ask = {"do": "ask", "text": "May I?", "timeout_s": 600}
    make(network, ask)
    break_down(alpha)
    advance(1)
    advance(5)
    assert heard() == ["[major] alpha: cure asks: May I?"]
    make(network, ask, slug="other", dry_run=True, needs_approval=True)
    break_down(bravo, 10)
    advance(11)
    assert len(heard()) == 1


@pytest.mark.parametrize("says_so", [False, True])
def test_what_is_for_a_person_is_told_though_its_incident_was_known(network, alpha, says_so):
    said = {"do": "notify", "text": "Look at it."}
    make(network, *[said][: int(says_so)], RESET, guard_rails={"resets_per_day": 0})
    look()
    break_down(alpha)
    look(after(20))
    tell_at(after(21), telling.read_all)
    assert heard() == ["[major] opened: alpha, EVSE 1 reports InternalError"]
    for at in (22, 23, 24):
        advance(at)
    assert how(only_run(network))[0] == "needs_person"
    (said_so,) = heard()[1:]
    assert said_so.startswith(f"[major] alpha: {'Look at it.' if says_so else 'cure: needs person'}")


def test_a_step_that_finds_it_worse_raises_the_incident_that_it_joins_and_none_lowers_it(network, alpha):
    worse = {"do": "open_incident", "text": "It smells of smoke.", "severity": "critical"}
    make(network, {**worse, "text": "It is hot.", "severity": "minor"}, worse, {**worse, "severity": "info"})
    look()
    break_down(alpha)
    look(after(20))
    advance(21)
    tell_at(after(22), telling.read_all)
    run, incident = only_run(network), Incident.objects.get()
    assert (run.incident_id, incident.severity) == (incident.pk, "critical")
    lines = incident.entries.order_by("pk")
    assert [line.what for line in lines] == ["opened", "noted", "noted", "escalated", "noted", "noted"]
    escalated = lines[3]
    assert escalated.detail == {"from": "major", "to": "critical"}
    assert escalated.by == f"playbook:cure:{run.pk}"
    assert "[critical] got worse: alpha, EVSE 1 reports InternalError" in heard()


REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")
OUT, BACK = (
    {"do": "command", "command": "set_availability", "on_failure": "continue", "expires_in_s": 30,
     "params": {"operational_status": status, "evse_id": "$cause.evse_id"}}
    for status in ("Inoperative", "Operative")
)  # fmt: skip
STILL_OUT = "EVSE 1 may still be out of service"


@pytest.fixture
def taken_out(network, alpha):
    """A run that has taken EVSE 1 out of service and asks to put it back; its incident is known."""
    said = {"do": "notify", "text": "Look at it."}
    make(network, OUT, said, BACK)
    look()
    break_down(alpha)
    look(after(20))
    tell_at(after(21), telling.read_all)
    advance(22)
    answer(alpha, seconds=23)
    advance(26)
    assert asked(alpha) == ["set_availability", "set_availability"]
    return only_run(network)


def by_kill_switch(network, run):
    switches.switch(network, stopped=True, by="user:bob", reason="storm")


def by_cancel(network, run):
    interventions.cancel(run, by="user:bob")


@pytest.mark.parametrize("stop", [by_kill_switch, by_cancel])
def test_what_was_taken_out_of_service_and_not_back_is_told(network, alpha, taken_out, stop):
    with clock.at(after(27)):
        stop(network, taken_out)
    advance(28)
    assert answer(alpha, seconds=29) == []
    state, reason, _ = how(taken_out)
    assert (state, reason.endswith(f"; {STILL_OUT}")) == ("cancelled", True)
    assert STILL_OUT in Incident.objects.get().entries.order_by("pk").last().detail["note"]
    assert [STILL_OUT in subject for subject in heard()] == [False, False, True]


def test_it_is_told_where_the_station_refuses_to_go_back(alpha, taken_out):
    answer(alpha, REJECTED, seconds=27)
    advance(30)
    assert how(taken_out)[:2] == ("not_verified", f"the goal doesn't hold; {STILL_OUT}")
    assert STILL_OUT in heard()[-1]


def test_what_is_back_in_service_is_not_told(alpha, taken_out):
    answer(alpha, seconds=27)
    advance(30)
    assert how(taken_out)[1] == "the goal doesn't hold"


def test_a_person_may_have_put_it_back(network, alpha, taken_out):
    answer(alpha, REJECTED, seconds=27)
    ask(alpha, "set_availability", 28, {"operational_status": "Operative", "evse_id": 1})
    answer(alpha, ACCEPTED, seconds=29)
    advance(30)
    assert how(taken_out)[1] == "the goal doesn't hold"


def test_an_answer_that_is_not_known_yet_is_in_doubt(network, alpha):
    make(network, OUT, BACK)
    break_down(alpha)
    advance(1)
    connect(alpha)
    assert len(send(seconds=2)) == 1
    run = only_run(network)
    tell_at(after(3), interventions.take_over, run, by="user:bob")
    assert how(run)[1] == f"taken over by user:bob; {STILL_OUT}"
    assert Incident.objects.get().pk == run.incident_id
