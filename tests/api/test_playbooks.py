"""The list of playbooks, page by page; and which of them can be deleted."""

import pytest

from emobi.api.playbooks import EXAMPLE
from emobi.core.errors import NotFound
from emobi.core.models import AuditEntry
from emobi.core.services import api_keys
from stations.models import Playbook, PlaybookVersion
from stations.services.playbooks import interventions, playbooks, runs, seeding
from tests.api.calling import Caller


@pytest.fixture
def named(network):
    """By name; two of the same, in the order of their slugs."""
    for slug, name in (("c", "Alone"), ("b", "Twice"), ("a", "Twice"), ("d", "Zuletzt")):
        playbooks.create(network, slug, EXAMPLE, name=name, by="user:a")
    return ["c", "a", "b", "d"]


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_playbooks_come_page_by_page_in_their_order(viewer, named, limit):
    assert [each["playbook"] for each in viewer.all("/playbooks", limit)] == named


def test_a_cursor_of_another_list_is_refused(viewer, named):
    page = viewer.get("/playbooks", limit=1)
    Playbook.objects.filter(slug="c").update(slug="other")
    told = viewer.get("/playbooks", 422, cursor=page["next"])
    assert [error["field"] for error in told["errors"]] == ["cursor"]


@pytest.fixture
def engineer(network):
    return Caller(api_keys.create(network, "engineer")[1])


def test_one_that_was_never_at_work_is_deleted_for_good(engineer, operator, network, alpha):
    made = playbooks.create(network, "mistaken", EXAMPLE, by="user:a")
    assert operator.ask("DELETE", "/playbooks/mistaken").status_code == 403
    assert engineer.ask("DELETE", "/playbooks/mistaken").status_code == 204
    engineer.get("/playbooks/mistaken", 404)
    assert engineer.ask("DELETE", "/playbooks/mistaken").status_code == 404
    assert not PlaybookVersion.objects.exists()
    told = AuditEntry.objects.get(action="playbook.deleted")
    assert (told.target, told.detail["definition"]["trigger"]["event"]) == ("mistaken", "station.fault")
    # Who has its page open still.
    with pytest.raises(NotFound):
        interventions.start(made, alpha, by="user:a")
    with pytest.raises(NotFound):
        playbooks.delete(made, by="user:a")


def test_what_playbooks_did_stays_readable(engineer, network, alpha):
    made = playbooks.create(network, "cure", EXAMPLE, dry_run=False, by="user:a")
    run = interventions.start(made, alpha, by="user:a")
    for ended in (False, True):
        if ended:
            interventions.cancel(run, by="user:a")
        refused = engineer.ask("DELETE", "/playbooks/cure")
        assert (refused.status_code, "It was at work once" in refused.json()["detail"]) == (409, True)
    assert engineer.get(f"/playbook-runs/{run.pk}")["playbook"] == "cure"
    seeding.seed(network)
    refused = engineer.ask("DELETE", "/playbooks/clear-fault")
    assert (refused.status_code, "It came with Emobi" in refused.json()["detail"]) == (409, True)
    assert [engineer.get(f"/playbooks/{slug}")["shipped"] for slug in ("cure", "clear-fault")] == [
        False,
        True,
    ]


def test_an_archived_one_is_started_by_nothing_and_what_it_did_stays(engineer, operator, network, alpha):
    made = playbooks.create(network, "cure", EXAMPLE, enabled=True, dry_run=False, by="user:a")
    playbooks.create(network, "another", EXAMPLE, by="user:a")
    run = interventions.start(made, alpha, by="user:a")
    operator.post("/playbooks/cure/archive", {}, expect=403)
    for _ in range(2):
        told = engineer.post("/playbooks/cure/archive", {}, expect=200)
        assert (told["enabled"], told["archived_at"] is None, told["open_runs"]) == (False, False, 1)
    interventions.cancel(run, by="user:a")
    assert [each["playbook"] for each in engineer.all("/playbooks", 10)] == ["another"]
    (archived,) = engineer.get("/playbooks", archived="true")["items"]
    assert (archived["playbook"], archived["ends"]) == ("cure", {"cancelled": 1})
    assert engineer.get(f"/playbook-runs/{run.pk}")["playbook"] == "cure"
    for path, body in (("playbooks/cure/stations/alpha", {}), (f"playbook-runs/{run.pk}/retry", {})):
        refused = operator.post(f"/{path}", body, expect=409)
        assert "cure is archived: restore it first" in refused["detail"]
    engineer.patch("/playbooks/cure", {"enabled": True}, expect=409)
    again = {"slug": "cure", "definition": EXAMPLE}
    assert "in the archive" in engineer.post("/playbooks", again, expect=409)["detail"]
    told = engineer.post("/playbooks/cure/restore", {}, expect=200)
    assert (told["enabled"], told["archived_at"]) == (False, None)
    operator.post("/playbooks/cure/stations/alpha", {}, expect=202)
    written = AuditEntry.objects.filter(target="cure", action__in=("playbook.archived", "playbook.restored"))
    assert [each.detail for each in written.order_by("pk")] == [{"was_enabled": True}, {}]


def test_another_networks_playbook_isnt_there_to_be_deleted(engineer, elsewhere):
    playbooks.create(elsewhere, "theirs", EXAMPLE, by="user:a")
    assert engineer.ask("DELETE", "/playbooks/theirs").status_code == 404
    assert Playbook.objects.filter(slug="theirs").exists()


def test_an_answer_may_say_which_question_it_is_to(operator, network, alpha):
    asks = EXAMPLE | {"needs_approval": True, "steps": [{"do": "ask", "text": "May I?", "timeout_s": 600}]}
    made = playbooks.create(network, "asks", asks, dry_run=False, by="user:a")
    path = f"/playbook-runs/{interventions.start(made, alpha, by='user:a').pk}"
    assert operator.get(path)["question"] == "begin"
    operator.post(f"{path}/approve", None, expect=409, question="0:1")
    assert operator.post(f"{path}/approve", None, expect=200, question="begin")["question"] is None
    runs.advance()
    assert operator.get(path)["question"] == "0:1"
    told = operator.post(f"{path}/refuse", {}, expect=409, question="begin")
    assert told["detail"] == "It asks something else by now: May I?"
    assert operator.post(f"{path}/approve", None, expect=200)["steps"][0]["state"] == "succeeded"
