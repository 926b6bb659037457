"""What playbooks may not do, whatever they say: promise 29."""

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict
from emobi.core.models import AuditEntry
from stations.models import Command, PlaybookRun, Registration, Station
from stations.services.playbooks import interventions, runs, switches
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
    sent_resets,
)
from tests.stations.services.playbooks.charging import charge
from tests.stations.telling import NOON, after, tell_at, told

RESET = {"do": "command", "command": "reset", "params": {"type": "Immediate"}}
WAIT = {"do": "wait", "timeout_s": 60, "on_failure": "continue"}


@pytest.fixture
def network(network):
    quiet(network)
    return network


def test_a_station_that_is_always_faulted_is_reset_three_times_a_day(network, alpha):
    for number in (1, 2):
        make(network, RESET, WAIT, RESET, slug=f"cure-{number}", guard_rails={"cooldown_s": 0})
    network.playbooks.filter(slug__startswith="cure").update(enabled=True)
    for minute in range(0, 5 * 60, 60):
        at = minute * 60.0
        break_down(alpha, at)
        for later in (1, 3, 70, 72, 140, 142):
            advance(at + later)
            answer(alpha, seconds=at + later + 1)
    assert sent_resets(alpha) == 3
    reasons = set(PlaybookRun.objects.filter(state="needs_person").values_list("reason", flat=True))
    assert reasons == {"needs a person: 3 automatic resets in 24 h, and no more than 3 are allowed"}
    # A day after the first the next is free.
    first = Command.objects.order_by("pk").first()
    later = (first.created_at - NOON).total_seconds() + 86_401
    break_down(alpha, later)
    advance(later + 1)
    assert sent_resets(alpha) == 4


def test_a_playbook_may_ask_for_less(network, alpha):
    make(network, RESET, RESET, guard_rails={"resets_per_day": 1})
    break_down(alpha)
    advance(1)
    answer(alpha, seconds=2)
    advance(3)
    run = only_run(network)
    assert how(run)[0] == "needs_person"
    assert sent_resets(alpha) == 1


def test_many_faults_at_once_are_worked_off_a_few_at_a_time(network):
    stations = Station.objects.bulk_create(
        Station(network=network, identity=f"CP{number:03}", ocpp_version="1.6") for number in range(40)
    )
    make(network, RESET, WAIT)
    for station in stations:
        break_down(station)
    most, seen = 0, set()
    for second in range(1, 200, 20):
        advance(second)
        open_now = PlaybookRun.objects.filter(state__in=["running", "waiting"], begun_at__isnull=False)
        at_work = set(open_now.values_list("station__identity", flat=True))
        most, seen = max(most, len(at_work)), seen | at_work
        for station in stations:
            if station.identity in at_work:
                answer(station, seconds=second + 1)
    assert most == 2
    assert len(seen) > 3
    queued = PlaybookRun.objects.filter(state="queued")
    assert set(queued.values_list("reason", flat=True)) == {
        "waits for its turn: as many stations are being worked on as may be at once"
    }
    advance(3700)
    late = PlaybookRun.objects.filter(reason__startswith="needs a person: no turn for it in an hour")
    assert late.exists()


def test_a_small_network_is_worked_on_one_station_at_a_time(network, alpha, bravo):
    make(network, RESET)
    break_down(alpha)
    break_down(bravo)
    advance(1)
    assert sorted(PlaybookRun.objects.values_list("state", flat=True)) == ["queued", "waiting"]


@pytest.mark.parametrize("answers", [True, False])
def test_one_that_asks_a_person_leaves_its_room_to_others_and_takes_a_turn_again(
    network, alpha, bravo, answers
):
    ask = {"do": "ask", "text": "May I?", "timeout_s": 600, "on_failure": "continue"}
    asking = {"when": [{"fact": "station.site", "value": "Depot"}]}
    Station.objects.filter(pk=alpha.pk).update(site="Depot")
    make(network, ask | asking, RESET, WAIT)
    break_down(alpha)
    advance(1)
    first = only_run(network)
    assert how(first)[0] == "needs_approval"
    break_down(bravo, 2)
    advance(3)
    second = PlaybookRun.objects.get(station=bravo)
    assert (how(second)[0], asked(bravo)) == ("waiting", ["reset"])
    at = 4 if answers else 602
    if answers:
        tell_at(after(at), interventions.approve, first, by="user:bob")
    advance(at)
    advance(at + 1)
    assert (how(first)[0], asked(alpha)) == ("queued", [])
    tell_at(after(at + 2), interventions.cancel, second, by="user:bob")
    advance(at + 3)
    assert (how(first)[0], asked(alpha)) == ("waiting", ["reset"])
    assert [kind for kind, _ in told(alpha, "playbook.started")] == ["playbook.started"]
    assert AuditEntry.objects.filter(action="playbook_run.begun", target="alpha").count() == 1


def test_one_that_asks_a_person_keeps_its_station(network, alpha):
    make(network, {"do": "ask", "text": "May I?", "timeout_s": 600})
    break_down(alpha)
    advance(1)
    other = make(network, RESET, slug="other")
    run = tell_at(after(2), interventions.start, other, alpha, by="user:bob")
    advance(3)
    assert (how(run)[0], asked(alpha)) == ("queued", [])
    tell_at(after(4), interventions.approve, PlaybookRun.objects.exclude(pk=run.pk).get(), by="user:bob")
    advance(5)
    assert (how(run)[0], asked(alpha)) == ("waiting", ["reset"])


def test_two_playbooks_never_work_on_a_station_at_once(network, alpha, bravo, monkeypatch):
    monkeypatch.setattr(runs.guard_rails, "room", lambda network_id: 10)
    make(network, RESET, slug="one")
    make(network, RESET, slug="two")
    network.playbooks.filter(slug__in=["one", "two"]).update(enabled=True)
    break_down(alpha)
    advance(1)
    assert sorted(PlaybookRun.objects.values_list("state", flat=True)) == ["queued", "waiting"]
    answer(alpha, seconds=2)
    advance(3)
    advance(4)
    assert sorted(PlaybookRun.objects.values_list("state", flat=True)) == ["not_verified", "waiting"]


@pytest.mark.parametrize("command", ["reset", "unlock", "remote_stop", "set_availability"])
def test_nothing_that_ends_a_session_is_sent_while_one_runs(network, alpha, command):
    params = {
        "reset": {"type": "Immediate"},
        "unlock": {"evse_id": 1},
        "remote_stop": {"transaction_id": "T1"},
        "set_availability": {"operational_status": "Inoperative"},
    }
    make(network, {"do": "command", "command": command, "params": params[command]})
    session = charge(alpha, 1, "S1")
    break_down(alpha)
    advance(1)
    run = only_run(network)
    assert how(run)[:2] == ("needs_person", f"needs a person: charging session {session.pk} is running")
    assert gone(run) == [("command", "cancelled")]
    assert asked(alpha) == []


def test_the_session_of_another_evse_is_not_in_the_way(network, alpha):
    make(network, {"do": "command", "command": "unlock", "params": {"evse_id": "$cause.evse_id"}})
    charge(alpha, 2, "S1")
    break_down(alpha, evse_id=1)
    advance(1)
    assert asked(alpha) == ["unlock"]


@pytest.mark.parametrize(("allowed", "sent"), [("never", []), ("own", ["reset"]), ("any", ["reset"])])
def test_a_playbook_about_a_session_may_end_that_one(network, alpha, allowed, sent):
    playbook = make(network, RESET, guard_rails={"may_interrupt_sessions": allowed}, enabled=False)
    charge(alpha, 1, "S1")
    run = tell_at(NOON, interventions.start, playbook, alpha, by="user:bob", session_id="S1")
    advance(1)
    assert asked(alpha) == sent
    if allowed == "own":
        charge(alpha, 2, "S2")
        answer(alpha, seconds=2)
        advance(3)
        tell_at(after(4), interventions.retry, run, by="user:bob")
        advance(5)
        assert how(run)[1] == "needs a person: charging session S2 is running"


def test_stations_in_maintenance_are_left_alone(network, alpha, bravo):
    make(network, RESET, WAIT)
    Station.objects.filter(pk=alpha.pk).update(maintenance=True)
    Station.objects.filter(pk=bravo.pk).update(registration=Registration.PENDING)
    break_down(alpha)
    break_down(bravo)
    advance(1)
    assert not PlaybookRun.objects.exists()
    Station.objects.filter(pk=alpha.pk).update(maintenance=False)
    break_down(alpha, 2)
    advance(3)
    Station.objects.filter(pk=alpha.pk).update(maintenance=True)
    advance(7)
    assert how(only_run(network))[:2] == ("cancelled", "the station is in maintenance")
    assert answer(alpha, seconds=8) == []


@pytest.mark.parametrize("of_all", [False, True])
def test_the_kill_switch_stops_everything(network, alpha, of_all):
    def switch(*, stopped: bool, at: float) -> None:
        with clock.at(after(at)):
            if of_all:
                switches.switch_all(stopped=stopped, by="user:bob", reason="storm")
            else:
                switches.switch(network, stopped=stopped, by="user:bob", reason="storm")

    playbook = make(network, RESET, WAIT)
    break_down(alpha)
    advance(1)
    switch(stopped=True, at=2)
    assert Command.objects.get().state == "cancelled"
    advance(3)
    run = only_run(network)
    where = "all playbooks are stopped" if of_all else "playbooks are stopped here"
    assert how(run)[:2] == ("cancelled", f"{where}: storm")
    break_down(alpha, 10)
    advance(11)
    only_run(network)
    with clock.at(after(12)), pytest.raises(Conflict):
        interventions.start(playbook, alpha, by="user:bob")
    switch(stopped=False, at=20)
    break_down(alpha, 21)
    advance(22)
    assert PlaybookRun.objects.filter(state="waiting").count() == 1
    actions = AuditEntry.objects.filter(actor="user:bob").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["playbooks.stopped", "playbooks.released"]


@pytest.mark.parametrize("of_all", [False, True])
def test_runs_end_with_the_kill_switch_though_it_is_off_again_before_anybody_looks(
    network, alpha, bravo, of_all
):
    make(network, {**RESET, "on_failure": "continue"}, WAIT, RESET)
    break_down(alpha)
    break_down(bravo)
    advance(1)
    for at, stopped in ((2, True), (2.5, False)):
        with clock.at(after(at)):
            if of_all:
                switches.switch_all(stopped=stopped, by="user:bob")
            else:
                switches.switch(network, stopped=stopped, by="user:bob")
    advance(3)
    advance(4)
    ends = PlaybookRun.objects.values_list("state", "reason").distinct()
    assert list(ends) == [("cancelled", "playbooks were stopped meanwhile")]
    assert list(Command.objects.values_list("name", "state")) == [("reset", "cancelled")]
    # Who wants one to go on nevertheless says so, and what happens from then on is another matter.
    tell_at(after(5), interventions.retry, PlaybookRun.objects.get(station=alpha), by="user:bob")
    break_down(bravo, 6)
    advance(7)
    assert sorted(PlaybookRun.objects.values_list("state", flat=True)) == ["cancelled", "queued", "waiting"]


def test_nobody_approves_what_the_kill_switch_has_ended(network, alpha):
    make(network, RESET, needs_approval=True)
    break_down(alpha)
    advance(1)
    run = only_run(network)
    for at, stopped in ((2, True), (3, False)):
        with clock.at(after(at)):
            switches.switch(network, stopped=stopped, by="user:bob")
        with clock.at(after(at)), pytest.raises(Conflict):
            interventions.approve(run, by="user:bob")
    advance(4)
    assert how(run)[:2] == ("cancelled", "playbooks were stopped meanwhile")


def test_whoever_is_well_before_its_turn_is_left_alone(network, alpha, bravo):
    make(network, RESET)
    break_down(alpha)
    break_down(bravo)
    advance(1)
    waiting = PlaybookRun.objects.get(state="queued")
    station = waiting.station
    station.connectors.update(status="Available", fault_id="", error_code="")
    advance(5)
    assert how(waiting)[:2] == ("cancelled", "all was well again before its turn")
    assert asked(station) == []
