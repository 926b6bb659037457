"""Pages of playbooks: what they show, what they do, and for whom."""

import json
import re

import pytest
import yaml
from django.urls import reverse
from django.utils.html import escape

from dashboard.playbooks import yaml_text
from stations.models import PlaybookControl, PlaybookRun
from stations.services.playbooks import interventions, playbooks, runs, seeding
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import report
from tests.stations.playing import how


@pytest.fixture
def cure(network):
    seeding.seed(network)
    return playbooks.get(network, "clear-fault")


@pytest.fixture
def engineer(network):
    return signed_in(enlist(network, "emmy", "engineer"))


@pytest.fixture
def form():
    """What the editor sends as it is shown."""
    return {
        "event": "station.fault", "where": "[]", "goal": '[{"fact": "evse.faulted", "value": false}]',
        "resets_per_day": "2", "share_percent": "5.0", "cooldown_s": "60", "may_interrupt_sessions": "never",
        "count": "2",
        "step-0-do": "command", "step-0-command": "reset", "step-0-params": '{"type": "Immediate"}',
        "step-0-then": "continue", "step-0-on_failure": "stop",
        "step-1-do": "wait", "step-1-timeout_s": "90", "step-1-then": "continue", "step-1-on_failure": "stop",
    }  # fmt: skip


def test_the_kill_switch_is_an_operators(viewer, operator, cure):
    for person, status in ((viewer, 403), (operator, 302)):
        sent = person.post("/playbooks/switch/", {"stopped": "yes", "reason": "storm"})
        assert sent.status_code == status
    assert PlaybookControl.objects.get(network=cure.network).stop_reason == "storm"
    assert "Playbooks are stopped" in viewer.get("/playbooks/").content.decode()


def test_an_engineer_makes_one_that_begins_off_and_as_a_copy(engineer, operator, cure):
    said = {"name": "Try a Softer Reset", "like": "clear-fault"}
    assert operator.post("/playbooks/", said).status_code == 403
    assert engineer.post("/playbooks/", said).headers["Location"] == "/playbooks/try-a-softer-reset/edit/"
    made = playbooks.get(cure.network, "try-a-softer-reset")
    assert (made.name, made.enabled, made.dry_run) == ("Try a Softer Reset", False, True)
    assert playbooks.version(made).written == playbooks.version(cure).written
    assert engineer.post("/playbooks/", {"name": "Plain"}).status_code == 302
    assert engineer.get("/playbooks/plain/edit/").status_code == 200
    for name, words in (("Plain", "There is a playbook plain already"), ("Switch", "that no page has")):
        refused = engineer.post("/playbooks/", {"name": name})
        assert (refused.status_code, words in refused.content.decode()) == (422, True)
        assert f'value="{name}"' in refused.content.decode()
    assert "New playbook" not in operator.get("/playbooks/").content.decode()


def test_the_editor_moves_steps_and_saves_a_version(engineer, operator, cure, form):
    moved = engineer.post("/playbooks/clear-fault/edit/", form | {"move": "down-0"}).content.decode()
    assert moved.index("Step 1: Wait") < moved.index("Step 2: Send a command")
    assert playbooks.version(cure).number == 1
    assert (
        engineer.post("/playbooks/clear-fault/edit/", form | {"seen": "1", "note": "less"}).status_code == 302
    )
    cure.refresh_from_db()
    made = playbooks.version(cure)
    assert (made.number, made.note, made.definition.guard_rails.resets_per_day) == (2, "less", 2)
    assert [step.do for step in made.definition.steps] == ["command", "wait"]
    late = engineer.post("/playbooks/clear-fault/edit/", form | {"seen": "1"})
    assert (late.status_code, "written meanwhile" in late.content.decode()) == (422, True)
    assert operator.get("/playbooks/clear-fault/edit/").status_code == 403


def test_what_is_no_json_is_said(engineer, cure, form):
    assert (
        "this isn&#x27;t JSON"
        in engineer.post("/playbooks/clear-fault/edit/", form | {"goal": "{"}).content.decode()
    )
    assert (
        "This isn&#x27;t JSON"
        in engineer.post("/playbooks/clear-fault/json/", {"text": "{"}).content.decode()
    )


@pytest.mark.parametrize("value", ["NaN", "1e999", r'"\u0000"', r'"\ud800"', "[" * 300 + "]" * 300])
def test_what_cannot_be_stored_is_refused(engineer, cure, form, value):
    fact = '[{"fact": "evse.faulted", "value": %s}]' % value  # noqa: UP031 - it has braces
    texts = {"text": json.dumps(playbooks.version(cure).written | {"goal": "?"}).replace('"?"', fact)}
    for path, sent in (("edit", form | {"goal": fact}), ("json", texts)):
        refused = engineer.post(f"/playbooks/clear-fault/{path}/", sent)
        assert (refused.status_code, "his isn&#x27;t JSON" in refused.content.decode()) == (422, True)
    assert playbooks.version(cure).number == 1


@pytest.mark.parametrize("number", ["nan", "inf", "1e300"])
def test_what_is_no_number_is_said(engineer, cure, form, number):
    for field in ("cooldown_s", "step-1-timeout_s", "count"):
        refused = engineer.post("/playbooks/clear-fault/edit/", form | {field: number})
        assert (refused.status_code, "this isn&#x27;t a number" in refused.content.decode()) == (422, True)


def test_text_that_cannot_be_stored_is_kept_without_it(engineer, cure, form):
    sent = form | {"step-1-label": "a_\0while", "note": "so\0"}
    assert engineer.post("/playbooks/clear-fault/edit/", sent).status_code == 302
    cure.refresh_from_db()
    made = playbooks.version(cure)
    assert (made.note, made.definition.steps[1].label) == ("so", "a_while")


def test_its_yaml_says_what_its_json_says(viewer, cure):
    written = playbooks.version(cure).written
    assert yaml.safe_load(yaml_text.dumped(written)) == written
    odd = {
        "a b": ["yes", "1.0", "- x", "#", "a: b", "\u2028\x07", "", None, True, 1.5, [], {}, [[1], {"k": []}]]
    }
    assert yaml.safe_load(yaml_text.dumped(odd)) == odd
    assert "trigger:\n  event: station.fault" in viewer.get("/playbooks/clear-fault/").content.decode()


def test_a_run_is_shown_and_taken_over(operator, cure, alpha):
    playbooks.change(cure, {"dry_run": False}, by="user:a")
    run = interventions.start(cure, alpha, by="user:a")
    runs.advance()
    assert "by_itself" in operator.get(f"/playbooks/runs/{run.pk}/").content.decode()
    assert operator.post(f"/playbooks/runs/{run.pk}/take-over/").status_code == 302
    assert how(run)[0] == "cancelled"
    assert operator.get("/playbooks/runs/nothing/").status_code == 404


def test_an_answer_is_to_the_question_that_was_shown(operator, cure, alpha):
    asks = [{"do": "ask", "text": text, "timeout_s": 600, "on_failure": "continue"} for text in "AB"]
    written = playbooks.version(cure).written | {"steps": asks, "needs_approval": True}
    made = playbooks.create(cure.network, "asks", written, dry_run=False, by="user:a")
    run = interventions.start(made, alpha, by="user:a")
    path = f"/playbooks/runs/{run.pk}/"

    def shown():
        return re.search(r'name="question" value="(.*?)"', operator.get(path).content.decode())[1]

    questions = []
    for answer in ("approve", "refuse", "approve"):
        questions.append(shown())
        for late in questions[:-1]:
            told = operator.post(f"{path}{answer}/", {"question": late}, follow=True)
            assert "It asks something else by now" in told.content.decode()
            assert shown() == questions[-1]
        operator.post(f"{path}{answer}/", {"question": questions[-1]})
        runs.advance()
    assert questions == ["begin", "0:1", "1:1"]
    assert [step.state for step in run.steps.order_by("index")] == ["failed", "succeeded"]


def test_one_that_was_never_at_work_is_deleted_after_what_comes_of_it_was_said(
    engineer, operator, cure, alpha
):
    made = playbooks.create(cure.network, "mistaken", playbooks.version(cure).written, by="user:a")
    page, path = "/playbooks/mistaken/", "/playbooks/mistaken/delete/"
    assert "only switched off" in engineer.get("/playbooks/clear-fault/").content.decode()
    assert "are gone for good" in engineer.get(page).content.decode()
    assert path not in operator.get(page).content.decode()
    assert operator.post(path).status_code == 403
    interventions.start(made, alpha, by="user:a")
    assert "It was at work once" in engineer.get(page).content.decode()
    assert engineer.post(path).headers["Location"] == page
    PlaybookRun.objects.all().delete()
    assert "mistaken is deleted." in engineer.post(path, follow=True).content.decode()
    assert engineer.get(page).status_code == 404


def test_one_is_started_by_hand_on_a_stations_page(operator, viewer, cure, alpha, stranger):
    report(alpha, "Faulted", 2)
    playbooks.change(cure, {"dry_run": False}, by="user:a")
    elsewhere = playbooks.version(cure).written | {"scope": {"sites": ["Depot B"]}}
    playbooks.create(cure.network, "depot-b", elsewhere, by="user:a")
    playbooks.create(cure.network, "by-hand", playbooks.version(cure).written, by="user:a")
    part, path = "/fragments/stations/alpha/playbooks/", "/stations/alpha/playbooks/start/"
    assert (
        'hx-get="/fragments/stations/alpha/playbooks/'
        in operator.get("/stations/alpha/commands/").content.decode()
    )
    assert [viewer.get(part).status_code, viewer.post(path, {}).status_code] == [403, 403]
    assert operator.post("/stations/stranger/playbooks/start/", {}).status_code == 404
    offers = {words: [each.slug for each in group] for words, group in operator.get(part).context["offers"]}
    assert list(offers) == ["Acts", "Dry run: notes what it would do", "Off: no event starts it"]
    assert (offers["Acts"], offers["Off: no event starts it"]) == (["clear-fault"], ["by-hand"])

    said = {"playbook": "clear-fault", "evse_id": "2"}
    begun = operator.post(path, said)
    run = PlaybookRun.objects.get()
    assert begun.headers["Location"] == f"/playbooks/runs/{run.pk}/"
    assert (run.station, run.requested_by, run.cause["data"]["evse_id"]) == (alpha, "user:otto", 2)
    assert f"/playbooks/runs/{run.pk}/" in operator.get(part).content.decode()
    for wrong, words in (
        ({}, "at work on alpha already"),
        ({"evse_id": "7"}, "alpha has no such EVSE"),
        ({"playbook": "none\0"}, "There is no such playbook"),
    ):
        assert words in operator.post(path, said | wrong, follow=True).content.decode()
    alpha.maintenance = True
    alpha.save()
    assert "None can start now: the station is in maintenance." in operator.get(part).content.decode()
    assert "the station is in maintenance" in operator.post(path, said, follow=True).content.decode()
    assert PlaybookRun.objects.count() == 1


def test_one_is_archived_and_restored_on_its_page(engineer, operator, cure, alpha):
    page, path = "/playbooks/clear-fault/", "/playbooks/clear-fault/archive/"
    offers = reverse("dashboard:station-playbooks", args=["alpha"])
    run = interventions.cancel(interventions.start(cure, alpha, by="user:a"), by="user:a")
    assert "It can be restored." in engineer.get(page).content.decode()
    assert path not in operator.get(page).content.decode()
    assert operator.post(path).status_code == 403
    assert 'value="clear-fault"' in operator.get(offers).content.decode()
    assert "is archived." in engineer.post(path, follow=True).content.decode()
    shown = engineer.get(page).content.decode()
    assert re.search(r"Archived, <.*> ago: nothing starts it", shown)
    for hidden in (path, "/playbooks/clear-fault/edit/", "Switch on"):
        assert hidden not in shown
    of_a_run = f"/playbooks/runs/{run.pk}/"
    assert "restored, it can be tried again" in operator.get(of_a_run).content.decode()
    link = f'<th scope="row"><a href="{page}"'
    assert link not in operator.get("/playbooks/").content.decode()
    assert link in operator.get("/playbooks/?archived=yes").content.decode()
    assert 'value="clear-fault"' not in operator.get(offers).content.decode()
    refused = engineer.post("/playbooks/clear-fault/change/", {"enabled": "yes"}, follow=True)
    assert "is archived: restore it first" in refused.content.decode()
    assert operator.post("/playbooks/clear-fault/restore/").status_code == 403
    told = engineer.post("/playbooks/clear-fault/restore/", follow=True).content.decode()
    assert "is in use again, and off until you switch it on." in told
    assert link in operator.get("/playbooks/").content.decode()


@pytest.mark.parametrize("move", ["", "add-wait", "up-1"])
def test_a_slip_costs_nothing_that_was_typed(engineer, cure, form, move):
    slips = {
        "goal": "{", "where": "nearly", "cooldown_s": "soon", "step-1-timeout_s": "a while",
        "step-0-params": '{"type":',
    }  # fmt: skip
    typed = form | {"step-1-label": "a_while", "sites": "Depot Z", "note": "less"} | slips
    response = engineer.post("/playbooks/clear-fault/edit/", typed | ({"move": move} if move else {}))
    html = response.content.decode()
    assert (response.status_code, "this isn&#x27;t JSON" in html) == ((200, False) if move else (422, True))
    for kept in (*slips.values(), "Depot Z", "a_while", "less"):
        assert any(shape.format(escape(kept)) in html for shape in ('value="{}"', ">{}</textarea>")), kept
    assert playbooks.version(cure).number == 1
