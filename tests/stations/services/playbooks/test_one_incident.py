"""One cause is one incident, whoever finds it: a rule or a run; and it ends when its cause is gone."""

import pytest

from stations.models import (
    Command,
    Incident,
    IncidentKind,
    Playbook,
    PlaybookRun,
    PlaybookVersion,
    Severity,
)
from stations.services.incidents import opening
from stations.services.incidents.opening import Affected, Finding
from stations.services.playbooks import interventions, triggering
from tests.stations.playing import advance, break_down, how, make, only_run, quiet, repair
from tests.stations.services.incidents.fleets import bring_back, fleet, look, lose
from tests.stations.telling import NOON, after, tell_at, types

RESET = {"do": "command", "command": "reset", "params": {"type": "Immediate"}, "on_failure": "continue"}
WAIT = {"do": "wait", "timeout_s": 60, "on_failure": "continue"}
HAND_OVER = {"do": "open_incident", "label": "hand_over", "text": "Look at its power."}
RECONNECT = {
    "trigger": {"event": "station.offline"},
    "goal": [{"fact": "station.connectivity", "value": "online"}],
}


@pytest.fixture
def network(network):
    quiet(network)
    return network


def notes(incident):
    return [row.detail["note"] for row in incident.entries.filter(what="noted").order_by("pk")]


def test_what_a_rule_has_found_already_gets_a_note(network):
    [station] = fleet(network, 1)
    make(network, WAIT, HAND_OVER, **RECONNECT)
    look()
    lose([station], NOON)
    look(after(31))
    advance(32)
    advance(100)
    run, incident = only_run(network), Incident.objects.get()
    assert how(run)[0] == "not_verified"
    assert (run.incident_id, incident.kind) == (incident.pk, "offline")
    assert notes(incident) == [
        "Look at its power.", "cure: not verified (the goal doesn't hold)",
    ]  # fmt: skip
    bring_back([station], after(200))
    look(after(201))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_stations_that_were_lost_together_are_left_alone_and_are_one_incident(network):
    stations = fleet(network, 40)
    playbook = make(network, WAIT, RESET, HAND_OVER, **RECONNECT)
    look()
    lose(stations[:30], NOON)
    advance(1)
    assert PlaybookRun.objects.filter(begun_at__isnull=False).count() == 2
    look(after(5))
    advance(6)
    assert set(PlaybookRun.objects.values_list("state", flat=True)) == {"cancelled"}
    incident = Incident.objects.get()
    assert set(PlaybookRun.objects.values_list("incident_id", "reason")) == {
        (incident.pk, f"it was lost with others: {incident.title}")
    }
    assert notes(incident) == []
    assert not Command.objects.exists()
    # A person may try.
    tell_at(after(10), interventions.start, playbook, stations[0], by="user:bob")
    advance(11)
    assert PlaybookRun.objects.filter(state="waiting").count() == 1


def test_what_a_run_has_opened_ends_when_the_goal_holds_after_all(network, alpha):
    make(network, HAND_OVER)
    break_down(alpha)
    advance(1)
    incident = Incident.objects.get()
    assert (how(only_run(network))[0], incident.kind) == ("not_verified", "other")
    break_down(alpha, 100)
    advance(101)
    incident.refresh_from_db()
    assert incident.state == "open"
    repair(alpha, 200)
    advance(201)
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("resolved", "by_itself")
    assert types(alpha)[-1] == "incident.resolved"


def test_a_playbook_whose_old_version_breaks_us_stops_no_other(network, alpha, bravo):
    """Its incident waits for a person; the others' events are looked at all the same."""
    faulty = make(network, HAND_OVER)
    break_down(alpha)
    advance(1)
    PlaybookVersion.objects.filter(playbook=faulty).update(written={"steps": "of another time"})
    make(network, HAND_OVER, slug="another")
    break_down(bravo, 100)
    advance(101)
    of_bravo = Incident.objects.get(affected__station=bravo)
    repair(alpha, 200)
    repair(bravo, 200)
    advance(201)
    of_bravo.refresh_from_db()
    assert of_bravo.state == "resolved"
    assert Incident.objects.get(affected__station=alpha).state == "open"


@pytest.mark.parametrize("queued", [False, True])
def test_an_enabled_playbook_that_breaks_us_stops_no_other(network, alpha, bravo, queued):
    """Neither when events are to start it, nor when its run is to get its turn."""
    faulty = make(network, HAND_OVER)
    if queued:
        break_down(alpha)
        assert tell_at(after(1), triggering.look) == 1
    PlaybookVersion.objects.filter(playbook=faulty).update(written={"steps": "of another time"})
    make(network, HAND_OVER, slug="another")
    Playbook.objects.filter(pk=faulty.pk).update(enabled=True)
    break_down(bravo, 100)
    advance(101)
    assert how(PlaybookRun.objects.get(playbook__slug="another"))[0] == "not_verified"
    of_faulty = PlaybookRun.objects.filter(playbook=faulty).values_list("state", "reason")
    assert list(of_faulty) == ([("failed", "a fault of ours: its version can't be read")] if queued else [])


def test_closing_the_incident_of_several_stations_ends_ones_own_part_of_it(network, alpha, bravo):
    make(network, {"do": "close_incident"})
    finding = Finding(
        kind=IncidentKind.FAULT, key="fault:1:code:x", severity=Severity.MAJOR, title="2 stations", group="x",
        affected=[Affected(station=each, since=NOON, evse_id=1) for each in (alpha, bravo)],
    )  # fmt: skip
    incident = tell_at(NOON, opening.open_or_join, network, finding)
    break_down(alpha)
    advance(1)
    incident.refresh_from_db()
    assert incident.state == "open"
    assert incident.affected.get(recovered_at=None).station == bravo


def test_closing_an_incident_leaves_the_other_evses_of_the_station_ill(network, alpha):
    make(network, {"do": "close_incident"})
    finding = Finding(
        kind=IncidentKind.FAULT, key="fault:1:code:x", severity=Severity.MAJOR, title="2 EVSEs", group="x",
        affected=[Affected(station=alpha, since=NOON, evse_id=each) for each in (1, 2)],
    )  # fmt: skip
    incident = tell_at(NOON, opening.open_or_join, network, finding)
    break_down(alpha)
    advance(1)
    incident.refresh_from_db()
    assert incident.state == "open"
    assert incident.affected.get(recovered_at=None).evse_id == 2
