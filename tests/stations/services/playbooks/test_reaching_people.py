"""Who asks a person, or can't go on without one, tells people: nobody has to look at a page for it."""

import pytest

from stations.models import Incident, Notification
from stations.services.notifications import routes, telling
from tests.stations.playing import advance, break_down, how, make, only_run, quiet
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
