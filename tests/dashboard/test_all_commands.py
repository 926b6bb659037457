"""All that was asked of any station: the list, its search, its file, and where the life of one is shown."""

import csv
import io
import json
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection

from dashboard.commands import command_rows, command_search, command_standing, list_views
from dashboard.commands.command_search import CommandSearch
from dashboard.live import live_values
from emobi.core import clock, ulid
from emobi.core.models import Role
from stations.models import BulkTarget, Command, RunStep, Station
from stations.services.commanding import bulk_commands, commands
from stations.services.playbooks import interventions, seeding
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import asked, streamed
from tests.statements import counted


def text(response):
    return " ".join(unescape(response.content.decode()).split())


def rows(network, **query):
    return command_rows.page(network, CommandSearch.read(query)).rows


def at(moment):
    """Columns of a command that was asked for then."""
    return {"id": ulid.lowest(moment)[:10] + ulid.new()[10:], "created_at": moment}


@pytest.fixture
def bulk(network, alpha):
    """A bulk command that has asked `alpha`."""
    told = {"requested_by": "user:ada", "role": Role.ADMIN, "asked": {}}
    made = bulk_commands.request(network, [alpha], "clear_cache", {}, **told)
    bulk_commands.advance()
    return made


@pytest.fixture
def run(network, alpha):
    """A run of a playbook at `alpha` with a step that has asked for something."""
    seeding.seed(network)
    made = interventions.start(network.playbooks.get(slug="clear-fault"), alpha, by="user:ada", evse_id=1)
    command = asked(alpha, "trigger_message", requested_by="playbook:clear-fault", state="accepted")
    now = clock.wall()
    RunStep.objects.create(
        run=made, index=7, attempt=9, do="command", command=command, since_sequence=0, begun_at=now
    )
    return made


@pytest.fixture
def cast(alpha, bravo):
    """By what sets them apart."""
    now = clock.wall()
    return {
        "old": asked(alpha, state="failed", **at(now - timedelta(days=3))),
        "queued": asked(alpha),
        "sent": asked(bravo, "unlock", state="sent"),
        "done": asked(bravo, state="accepted", seen="verified", requested_by="key:ek_9f2c"),
        "unseen": asked(alpha, "unlock", state="accepted", seen="not_seen", requested_by="system:liveness"),
        "later": asked(bravo, state="scheduled", seen="pending", requested_by="playbook:clear-fault"),
        "refused": asked(alpha, "get_config", state="rejected"),
        "gone": asked(bravo, "get_config", state="expired", sent_at=None, message_id="", requested_by="me"),
    }


EVERYTHING = {"old", "queued", "sent", "done", "unseen", "later", "refused", "gone"}


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("", EVERYTHING),
        ("station:ALPHA", {"old", "queued", "unseen", "refused"}),
        ("station:b*", {"sent", "done", "later", "gone"}),
        ("station:nobody", set()),
        ("station:alpha station:bravo", EVERYTHING),
        ("lph", {"old", "queued", "unseen", "refused"}),
        ("command:get_config", {"refused", "gone"}),
        ("kind:get-config", {"refused", "gone"}),
        ('command:"read settings" station:bravo', {"gone"}),
        ("state:failed", {"old"}),
        ("state:failed state:rejected", {"old", "refused"}),
        ("state:open", {"queued", "sent"}),
        ("state:unsuccessful", {"old", "refused", "gone"}),
        ("state:unsuccessful from:1h", {"refused", "gone"}),
        ("effect:verified", {"done"}),
        ("effect:not_seen", {"unseen"}),
        ("effect:not-seen effect:pending", {"unseen", "later"}),
        ("effect:none", {"old", "queued", "sent", "refused", "gone"}),
        ("by:user", {"old", "queued", "sent", "refused"}),
        ("by:OTTO", {"old", "queued", "sent", "refused"}),
        ("by:user:otto", {"old", "queued", "sent", "refused"}),
        ("by:key:ek_*", {"done"}),
        ("by:system by:playbook", {"unseen", "later"}),
        ("by:clear-fault", {"later"}),
        ("to:2d", {"old"}),
        ("until:2d since:30d", {"old"}),
        ("from:4d to:2d from:1h", set()),
        ("bulk:nothing", set()),
        ("run:nothing", set()),
        (
            "station:alpha state:odd command:odd effect:odd from:then to:999999d",
            {"old", "queued", "unseen", "refused"},
        ),
    ],
)
def test_a_search_narrows_the_list(cast, network, written, names):
    found = [row.command.pk for row in rows(network, q=written)]
    assert set(found) == {cast[name].pk for name in names}
    assert found == sorted(found, reverse=True)


def test_an_id_finds_its_command(cast, network):
    assert [row.command for row in rows(network, q=cast["sent"].pk)] == [cast["sent"]]


def test_many_stations_of_a_name_are_found_like_a_few(cast, network, monkeypatch):
    few = rows(network, q="station:a*")
    monkeypatch.setattr(command_search, "FEW_STATIONS", 0)
    assert rows(network, q="station:a*") == few


def test_fields_of_the_form_are_tokens(cast, network):
    query = {"command": "unlock", "state": "open", "by": "user", "effect": "none", "station": "bravo"}
    assert [row.command for row in rows(network, **query)] == [cast["sent"]]
    since = (clock.wall() - timedelta(days=1)).isoformat()
    assert [row.command for row in rows(network, until=since, since="2020-01-01T00:00Z")] == [cast["old"]]


def test_what_cannot_be_read_is_told(cast, viewer):
    html = text(viewer.get("/commands/?q=state:odd+command:odd+effect:odd+from:then+to:999999d"))
    for said in (
        "state:odd isn't one of queued, sent,",
        "command:odd is no command",
        "effect:odd isn't one of verified, not_seen, pending, none",
        "from:then is no time",
        "to:999999d is no time",
    ):
        assert said in html


def test_all_that_can_be_chosen_can_be_searched_for(cast, network):
    chosen = {
        "state": list_views.STATES,
        "effect": list_views.EFFECTS,
        "by": list_views.ASKERS,
        "command": list_views.COMMANDS,
    }
    for name, choices in chosen.items():
        for value, _ in choices:
            assert command_rows.page(network, CommandSearch.read({name: value})).problems == []


def test_a_row_tells_who_asked_what_whom_and_what_came_of_it(alpha, bravo, bulk, run, viewer):
    asked(alpha, "remote_start", state="accepted", seen="verified", params={"evse_id": 1})
    asked(bravo, state="unknown", requested_by="system:liveness")
    asked(bravo, state="expired", sent_at=None, requested_by="odd", outcome={"reason": "not reached in time"})
    html = text(viewer.get("/commands/"))
    html = (
        html.replace("</span>", "").replace('<span class="sub">', "").replace('<span class="sub whole">', "")
    )
    for said in (
        "Start charging EVSE 1",
        "otto user",
        "liveness Emobi itself",
        f'clear-fault playbook, <a href="/playbooks/runs/{run.pk}/">',
        f'ada user, <a href="/bulk/{bulk.pk}/">',
        ">Accepted", ">Verified", "done after 41 s",
        "sent after 20 ms → answered after 290 ms",
        "sent after 20 ms → no answer within 290 ms",
        "waits 1 min 00 s at most",
        "never sent, over after 310 ms",
        "not reached in time",
    ):  # fmt: skip
        assert said in html, said


def test_what_a_bulk_command_and_a_run_asked_for_is_found_by_them(alpha, bulk, run, network, viewer):
    asked(alpha)
    of_bulk = BulkTarget.objects.get().command
    assert [row.command for row in rows(network, q=f"bulk:{bulk.pk}")] == [of_bulk]
    assert [row.command.name for row in rows(network, q=f"run:{run.pk}")] == ["trigger_message"]
    assert f'href="/commands/?q=bulk:{bulk.pk}"' in text(viewer.get(f"/bulk/{bulk.pk}/"))


def test_secrets_are_masked_as_everywhere(alpha, network, operator):
    secret = {
        "variables": [{"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "hunter2"}]
    }
    told = {"requested_by": "user:ada", "role": Role.ADMIN}
    commands.request(network, alpha, "set_config", secret, **told)
    # One that is kept from before they were sealed.
    asked(alpha, "set_config", params=secret)
    pages = [text(operator.get("/commands/"))]
    pages += [streamed(operator.get(f"/commands/export.{kind}")) for kind in ("csv", "ndjson")]
    for shown in pages:
        assert "hunter2" not in shown
        assert "BasicAuthPassword" in shown
        assert "***" in shown


def test_a_row_leads_to_its_life_among_all_of_its_station(alpha, operator, viewer, monkeypatch):
    made = [asked(alpha, state="rejected") for _ in range(3)]
    older = sorted(each.pk for each in made)[0]
    href = f"/stations/alpha/commands/?at={older}#{older}"
    assert f'href="{href}"' in text(operator.get("/commands/"))
    html = text(operator.get(href))
    assert html.count(f'id="{older}"') == 1
    assert html.count('class="life" id="') == 1
    assert "Newest</a>" in html
    assert f'href="{href}"' in html
    # Whoever may not open that tab sees the newest beside the others.
    assert 'href="/stations/alpha/#lives"' in text(viewer.get("/commands/"))
    assert text(operator.get("/stations/alpha/commands/")).count('class="life" id="') == 3


def test_every_role_sees_it_and_nobody_another_networks(cast, network, stranger, bulk):
    other = asked(stranger)
    for role in Role:
        client = signed_in(enlist(network, f"{role}-person", role))
        for path in (
            "/commands/",
            "/fragments/commands/",
            f"/commands/?q={other.pk}",
            "/commands/?q=by:otto",
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert f"command:{other.pk}" not in answer.content.decode()
        assert f"command:{cast['sent'].pk}" in client.get("/commands/").content.decode()
    assert rows(network, q="stranger") == []
    assert rows(network, q=other.pk) == []
    assert rows(stranger.network, q=f"bulk:{bulk.pk}") == []
    assert other.pk not in streamed(client.get("/commands/export.ndjson"))
    assert command_standing.lives(network, other.pk) == {}


def test_pages_follow_each_other_and_cost_the_same(cast, network, viewer, monkeypatch):
    monkeypatch.setattr(command_rows, "ROWS", 3)
    seen, query = [], {}
    while True:
        page = command_rows.page(network, CommandSearch.read(query))
        seen += [row.command.pk for row in page.rows]
        if not page.next:
            break
        query = {"after": page.next.partition("=")[2]}
    assert seen == sorted((each.pk for each in cast.values()), reverse=True)
    with counted() as few:
        viewer.get("/commands/?q=station:*")
    monkeypatch.setattr(command_rows, "ROWS", 50)
    with counted() as many:
        viewer.get("/commands/?q=station:*")
    assert len(few) == len(many) <= 12


def test_files_have_all_that_fits_and_no_formulas(cast, alpha, bulk, run, viewer, monkeypatch):
    monkeypatch.setattr(command_rows, "EXPORTED_AT_ONCE", 2)
    told = [json.loads(row) for row in streamed(viewer.get("/commands/export.ndjson")).splitlines()]
    assert [each["command_id"] for each in told] == list(
        Command.objects.order_by("-pk").values_list("pk", flat=True)
    )
    assert {each["bulk_id"] for each in told} == {None, bulk.pk}
    assert {each["playbook_run_id"] for each in told} == {None, run.pk}
    Station.objects.filter(pk=alpha.pk).update(identity="=1+1")
    Command.objects.filter(pk=cast["old"].pk).update(outcome={"status": "Failed", "reason": "@SUM(A1)"})
    answer = viewer.get("/commands/export.csv?q=state:failed")
    assert answer["Content-Disposition"] == 'attachment; filename="commands-grid-state-failed.csv"'
    (row,) = csv.DictReader(io.StringIO(streamed(answer)))
    assert row["command_id"] == cast["old"].pk
    assert (row["station"], row["reason"], row["state"]) == ("'=1+1", "'@SUM(A1)", "failed")
    assert viewer.get("/commands/export.xlsx").status_code == 404


def test_an_empty_list_says_why(network, alpha, viewer):
    assert "Nothing was asked of any station yet" in text(viewer.get("/commands/"))
    html = text(viewer.get("/commands/?q=state:failed"))
    assert "No command fits" in html
    assert "Clear the filter" in html


def test_a_chosen_filter_is_the_browsers_address(cast, viewer):
    headers = {"HX-Request": "true", "HX-Trigger": "filters"}
    answer = viewer.get("/fragments/commands/?q=state:open&command=reset", headers=headers)
    assert answer["HX-Push-Url"] == "/commands/?q=state%3Aopen+command%3Areset"
    assert text(answer).startswith("<section")


def test_rows_that_are_under_way_are_followed_and_no_others(cast, network, viewer):
    html = unescape(viewer.get("/commands/").content.decode())
    topic = html.partition('data-topic="lives:')[2].partition('"')[0]
    assert set(topic.split("|")) == {cast[name].pk for name in ("queued", "sent", "later")}
    values = live_values.read(network, {f"lives:{topic}"})[f"lives:{topic}"]
    assert values[f"command:{cast['sent'].pk}"] == {
        "state": {"s": "sent", "w": "Sent"},
        "answer": "",
        "effect": {"s": "none", "w": "Not yet"},
        "seen": "",
        "took": "sent after 20 ms → waits for the answer",
    }
    assert live_values.about({f"lives:{topic}", "station:alpha"}, {"bravo"}) == {f"lives:{topic}"}
    Command.objects.update(state="accepted", ended_at=clock.wall())
    html = viewer.get("/commands/?q=station:alpha").content.decode()
    assert "lives:" not in html


@pytest.mark.parametrize(
    ("written", "index"),
    [
        ("state:unsuccessful", "command_unsuccessful"),
        ("state:failed", "command_unsuccessful"),
        ("effect:not_seen", "command_effect_unseen"),
        ("effect:pending", "command_effect_unseen"),
        ("state:open", "command_open"),
        ("station:bravo", "command_of_station"),
    ],
)
def test_the_few_among_many_that_went_well_are_read_by_an_index(alpha, bravo, network, written, index):
    went_well = {"state": "accepted", "requested_by": "user:otto", "expires_at": clock.wall()}
    Command.objects.bulk_create(
        Command(id=ulid.new(), network=network, station=alpha, name="reset", **went_well) for _ in range(3000)
    )
    asked(bravo, state="failed")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stations_command, stations_station")
    found, _ = command_search.find(network, CommandSearch.read({"q": written}))
    assert f" {index} " in found[:51].explain()
